import http2 from "node:http2";
import { type Sink, startSink } from "./start-sink.js";

let sink: Sink;
const sessions: http2.ClientHttp2Session[] = [];

beforeEach(async () => {
  sink = await startSink();
});

afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await sink.close();
});

function connect(origin: string, options: http2.ClientSessionOptions = {}): http2.ClientHttp2Session {
  const session = http2.connect(origin, { ca: sink.ca, ...options } as http2.SecureClientSessionOptions);
  sessions.push(session);
  return session;
}

interface Answer {
  headers: http2.IncomingHttpHeaders;
  body: string;
}

function post(session: http2.ClientHttp2Session, headers: http2.OutgoingHttpHeaders, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ...headers });
    let answer: http2.IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on("response", (answered) => {
      answer = answered;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => resolve({ headers: answer, body: Buffer.concat(chunks).toString() }));
    stream.on("error", reject);
    stream.end(body);
  });
}

const receipts = (prefix = "") => [...sink.received.receipts(prefix)].map(({ token }) => token);

describe("the sink", () => {
  // The client below enters what it repeats into the dynamic table, evicts it, and codes strings with Huffman's code.
  test("reads the path of every request, whatever characters and however much the client's table keeps and evicts", async () => {
    const session = connect(sink.urls.apns);
    const tokens = Array.from(
      { length: 400 },
      (_, number) => `${"!$&'()*+,;=:@~-._aZ".slice(number % 19)}%7c${number}`,
    );
    await Promise.all(
      tokens.map((token, number) => {
        const changing = { [`x-changing-${number % 7}`]: `${number}`.repeat(number % 60) };
        return post(session, { ":path": `/3/device/${token}`, authorization: "bearer one", ...changing }, "{}");
      }),
    );
    expect(receipts().sort()).toEqual(tokens.sort());
  });

  test("gives the apns-id back, and makes one when there is none", async () => {
    const session = connect(sink.urls.apns);
    const id = "0f0e0d0c-0000-4000-8000-0123456789ab";
    const given = await post(session, { ":path": "/3/device/a", "apns-id": id }, "{}");
    const made = await post(session, { ":path": "/3/device/b" }, "{}");
    expect(given.headers).toMatchObject({ ":status": 200, "apns-id": id });
    expect(made.headers["apns-id"]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("names each message of FCM, whose token it finds in bodies of several frames too", async () => {
    const session = connect(sink.urls.fcm);
    const message = (token: string, bytes: number) =>
      JSON.stringify({ message: { notification: { body: "x".repeat(bytes) }, token } });
    const path = "/v1/projects/some-project/messages:send";
    const short = await post(session, { ":path": path }, message("short", 10));
    const long = await post(session, { ":path": path }, message("long", 40_000));
    const names = [short, long].map(({ body }) => (JSON.parse(body) as { name: string }).name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^projects\/some-project\/messages\/\w+$/);
    expect(receipts()).toEqual(["short", "long"]);
  });

  test("counts a token that came twice as a duplicate, and knows when it came first", async () => {
    const before = process.hrtime();
    const session = connect(sink.urls.apns);
    for (const token of ["once", "twice", "twice"]) await post(session, { ":path": `/3/device/${token}` }, "{}");
    expect(sink.received.counts("APN")).toEqual({ total: 3, accepted: 3, tokens: 2, acceptedMoreThanOnce: 1 });
    const [, twice] = [...sink.received.receipts("")];
    expect(twice?.atMicros).toBeGreaterThan(before[0] * 1e6);
    sink.received.clear();
    expect(sink.received.counts("APN").total).toBe(0);
  });

  test("sends no more of its answers than the client's window takes, and the rest when it grows", async () => {
    const session = connect(sink.urls.fcm);
    await new Promise((resolve) => session.once("connect", resolve));
    const path = "/v1/projects/some-project/messages:send";
    // More than a connection's first window of 65,535 bytes.
    for (let round = 0; round < 20; round++) {
      const answers = Array.from({ length: 100 }, (_, number) =>
        post(session, { ":path": path }, JSON.stringify({ message: { token: `${round}-${number}` } })),
      );
      for (const { body } of await Promise.all(answers)) expect(body).toContain("messages/");
    }
    expect(sink.received.counts("FCM").tokens).toBe(2_000);
  });
});
