import type { PushReply, PushRequest, RequestSender } from "../push-session.js";
import { createSessionPool } from "../session-pool.js";
import type { OpenContractSession } from "./push-session-contract.js";
import { startTestServer } from "./tls-server.js";
import { useTls } from "./use-tls.js";

/** What RFC 9110 (section 5.5) and RFC 9113 (sections 8.2 and 8.3.1) forbid, or leave without a meaning. */
const ILLEGAL: [string, Partial<Pick<PushRequest, "path" | "headers">>, field: string][] = [
  ...[
    "日",
    "å",
    "\u00ff",
    "a\nb",
    "a\rb",
    "a\r\nx: y",
    "a\u0000b",
    "a\u001fb",
    "a\u007fb",
    " a",
    "a ",
    "\ta",
    "a\t",
    "\ud800",
  ].map((value): (typeof ILLEGAL)[number] => [
    `a value ${JSON.stringify(value)}`,
    { headers: { "x-a": value } },
    "x-a",
  ]),
  ...["", "3/device/x", "*", "/a b", "/a\nb", "/å", "/日", "/a#b", "/a\u007f", '/a"b', "/a|b", "/a\\b"].map(
    (path): (typeof ILLEGAL)[number] => [`a path ${JSON.stringify(path)}`, { path }, ":path"],
  ),
  ...["X-A", "x a", "x:a", "å", "connection", "transfer-encoding"].map((name): (typeof ILLEGAL)[number] => [
    `a name ${JSON.stringify(name)}`,
    { headers: { [name]: "a" } },
    name,
  ]),
];

const LEGAL = ["", "a", "!~", "a b\tc", 'gate A1; x="y", 100 %', "x".repeat(4_000)];

/** What any implementation of `PushSession` must do with the fields of a request: send them as they are, or not at all. */
export function runPushSessionFieldContract(name: string, open: OpenContractSession): void {
  describe(`${name} with any field`, () => {
    const used = useTls();

    async function serve() {
      const received: { path: unknown; value: unknown }[] = [];
      const server = await startTestServer(used.tls, (stream, headers) => {
        received.push({ path: headers[":path"], value: headers["x-a"] });
        stream.respond({ ":status": 200 }, { endStream: true });
      });
      used.afterwards(server.close);
      return { origin: server.origin, received };
    }

    async function connect() {
      const { origin, received } = await serve();
      const session = await open({ origin, ca: used.tls.cert }, { onChange: () => undefined });
      used.afterwards(() => session.destroy());
      return { session, received, send: sendBy(session) };
    }

    test("a field that may not be sent is named, nothing of its request is, and its neighbours are answered", async () => {
      const { session, received, send } = await connect();
      const replies = await Promise.all(
        ILLEGAL.map(async ([what, request]) => ({ what, reply: await send(request), next: (await send({})).kind })),
      );
      expect(replies).toEqual(
        ILLEGAL.map(([what, , field]) => ({ what, reply: { kind: "illegal", field }, next: "answered" })),
      );
      expect(received).toHaveLength(ILLEGAL.length);
      expect(session.state).toBe("open");
    });

    test("a field that may be sent arrives as it is", async () => {
      const { received, send } = await connect();
      for (const value of LEGAL) await send({ headers: { "x-a": value } });
      expect(received.map(({ value }) => value)).toEqual(LEGAL);
      await send({ path: "/3/device/a%20b?c=d&e=%C3%A5/../." });
      expect(received.at(-1)?.path).toBe("/3/device/a%20b?c=d&e=%C3%A5/../.");
    });

    test("a pool of them does not send again what may not be sent", async () => {
      const { origin, received } = await serve();
      const pool = createSessionPool({ open: (events) => open({ origin, ca: used.tls.cert }, events) });
      used.afterwards(() => pool.close());
      const send = sendBy(pool);
      const replies = await Promise.all([send({ headers: { "x-a": "å" } }), send({ path: "/a b" }), send({})]);
      expect(replies).toMatchObject([
        { kind: "illegal", field: "x-a" },
        { kind: "illegal", field: ":path" },
        { kind: "answered" },
      ]);
      expect(received).toHaveLength(1);
    });
  });
}

/** Sends a request that differs from a common one in what is given. */
function sendBy(sender: Pick<RequestSender, "send">) {
  return (request: Partial<PushRequest>) =>
    new Promise<PushReply>((resolve) =>
      sender.send({ path: "/", headers: { "x-a": "b" }, body: Buffer.alloc(0), ...request }, resolve),
    );
}
