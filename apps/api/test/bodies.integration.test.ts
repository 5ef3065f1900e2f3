import { connect } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { patient } from "@fanfare/testkit";
import { addCredentials, aSend, basic, ofAccount, type RunningApi, runApi } from "./support.js";

const PATH = "/v1/PushNotifications";
const BODY_LIMIT = 200_000;

let api: RunningApi;

beforeAll(async () => {
  api = await runApi({ BODY_LIMIT_BYTES: String(BODY_LIMIT) });
  await addCredentials(api);
});
afterAll(() => api.close());

/** The answer to bytes as they are. */
async function post(body: Buffer | string, headers: Record<string, string> = {}, path = PATH) {
  const res = await fetch(`${api.url}${path}`, {
    method: "POST",
    headers: { authorization: basic(api.account), "content-type": "application/json", ...headers },
    body: Buffer.from(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into
  return { status: res.status, body: (await res.json()) as any };
}

const countOperations = () => api.db.operation.count();

/** What was refused, and stored nothing. */
async function refused(...request: Parameters<typeof post>) {
  const before = await countOperations();
  const { status, body } = await post(...request);
  expect(await countOperations()).toBe(before);
  return { status, code: body.code, detail: body.detail, errors: body.errors };
}

const send = JSON.stringify(aSend());
const withToken = (bytes: number[]) => {
  const [before = "", after = ""] = send.split("fcm-1");
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
};

describe("nothing of a body is changed in silence", () => {
  test.each([
    ["a byte that begins nothing", [0x61, 0xff]],
    ["a character that is cut off", [0x61, 0xe6, 0x97]],
    ["an overlong form", [0xc0, 0xaf]],
    ["a surrogate of its own", [0xed, 0xa0, 0x80]],
  ])("%s is no UTF-8", async (_what, bytes) => {
    expect(await refused(withToken(bytes))).toMatchObject({ status: 400, code: "malformed-json", detail: /UTF-8/ });
  });

  test.each([
    ["twice", '"priority":"HIGH","priority":"LOW"', "/priority"],
    ["twice, spelled in two ways", '"priority":"HIGH","\\u0070riority":"LOW"', "/priority"],
    ["twice within content", '"content":{"title":"a","title":"b"}', "/content/title"],
  ])("a field that stands there %s is named", async (_what, fields, pointer) => {
    const { to } = aSend();
    const errors = [expect.objectContaining({ pointer, code: "repeated-key" })];
    expect(await refused(`{"to":${JSON.stringify(to)},${fields}}`)).toMatchObject({ status: 400, errors });
  });

  test.each([
    ["the request", `{"__proto__":{},${send.slice(1)}`, "/__proto__"],
    ["content", send.replace('"title"', '"__proto__":"a","title"'), "/content/__proto__"],
    ["a recipient", send.replace('"token"', '"__proto__":1,"token"'), "/to/0/__proto__"],
    ["tags", send.replace('"content"', '"tags":{"__proto__":"a"},"content"'), "/tags/__proto__"],
    ["an override", send.replace('"content"', '"apns":{"a":[{"__proto__":1}]},"content"'), "/apns/a/0/__proto__"],
  ])("a key __proto__ of %s is named", async (_what, body, pointer) => {
    const errors = [expect.objectContaining({ pointer, code: "reserved-key" })];
    expect(await refused(body)).toMatchObject({ status: 400, errors });
  });

  test("data without a key is named", async () => {
    const errors = [{ pointer: "/content/data", code: "invalid-value", detail: "must have at least one key" }];
    expect(await refused(JSON.stringify(aSend({ content: { title: "a", data: {} } })))).toMatchObject({ errors });
  });

  test("the same holds on other routes", async () => {
    for (const path of [ofAccount(api.account, "/Keys"), `${PATH}/DeviceRegistrations`, `${PATH}/Credentials`]) {
      const twice = await refused('{"name":"a","name":"b"}', {}, path);
      expect(twice).toMatchObject({ status: 400, errors: [expect.objectContaining({ pointer: "/name" })] });
      expect(await refused(Buffer.from([0x22, 0xff, 0x22]), {}, path)).toMatchObject({ status: 400, detail: /UTF-8/ });
    }
  });
});

describe("what would take long is not begun", () => {
  const languages = (count: number, fields: object) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`en-${100 + index}`, fields]));
  const numbers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 7]));

  test.each<[string, object, string]>([
    [
      "texts of many languages",
      aSend({ content: { title: "a", localizations: languages(60, numbers(99)) } }),
      "/content",
    ],
    ["fields that are not known", { ...aSend(), colours: Array.from({ length: 5_001 }, () => 1) }, "/colours"],
    ["what there are 5,000 of together", { ...aSend(), a: numbers(900), b: languages(9, numbers(500)) }, "/b"],
  ])("%s are counted before they are looked at", async (_what, body, pointer) => {
    const errors = [{ pointer, code: "too-big", detail: "must have fewer values: 5,000 are taken in all" }];
    expect(await refused(JSON.stringify(body))).toMatchObject({ status: 400, errors });
  });

  test("recipients are not among them", async () => {
    const recipient = (index: number) => ({ provider: "FCM", token: `t${index}`, variables: { a: 1, b: [1, 2] } });
    expect(
      await post(JSON.stringify(aSend({ to: Array.from({ length: 1_000 }, (_, index) => recipient(index)) }))),
    ).toMatchObject({
      status: 202,
    });
  });
});

describe("what a body may be", () => {
  test.each([
    ["plain", send, {}],
    ["with a byte order mark", `\uFEFF${send}`, {}],
    ["in UTF-8 by name", send, { "content-type": 'application/json; charset="UTF-8"' }],
    ["of another JSON type", send, { "content-type": "Application/vnd.api+JSON" }],
    ["with white space", ` \r\n\t${send}\n`, {}],
    ["in gzip", gzipSync(send), { "content-encoding": "gzip" }],
    ["in gzip by its old name", gzipSync(send), { "content-encoding": "X-GZIP" }],
    ["deflated", deflateSync(send), { "content-encoding": "deflate" }],
    ["in brotli", brotliCompressSync(send), { "content-encoding": "br" }],
  ])("%s", async (_what, body, headers) => {
    expect(await post(body, headers)).toMatchObject({ status: 202 });
  });

  test.each([
    ["nothing", "", {}, 400, "malformed-json"],
    ["no JSON", '{"to":', {}, 400, "malformed-json"],
    ["broken gzip", Buffer.from("nothing like it"), { "content-encoding": "gzip" }, 400, "malformed-json"],
    ["half of gzip", gzipSync(send).subarray(0, 60), { "content-encoding": "gzip" }, 400, "malformed-json"],
    ["brotli that is none", Buffer.from("no"), { "content-encoding": "br" }, 400, "malformed-json"],
    [
      "something behind gzip",
      Buffer.concat([gzipSync(send), Buffer.from("x")]),
      { "content-encoding": "gzip" },
      400,
      "malformed-json",
    ],
    [
      "a second body behind deflate",
      Buffer.concat([deflateSync(send), deflateSync(send)]),
      { "content-encoding": "deflate" },
      400,
      "malformed-json",
    ],
    [
      "something behind brotli",
      Buffer.concat([brotliCompressSync(send), Buffer.alloc(80_000)]),
      { "content-encoding": "br" },
      400,
      "malformed-json",
    ],
    [
      "too much that unpacks to little",
      Buffer.concat(Array.from({ length: 12_000 }, () => gzipSync(""))),
      { "content-encoding": "gzip" },
      413,
      "body-too-large",
    ],
    ["an unknown encoding", send, { "content-encoding": "compress" }, 415, "unsupported-media-type"],
    [
      "UTF-16",
      Buffer.from(send, "utf16le"),
      { "content-type": "application/json; charset=utf-16" },
      415,
      "unsupported-media-type",
    ],
    [
      "latin-1 by name",
      send,
      { "content-type": "application/json; charset=iso-8859-1" },
      415,
      "unsupported-media-type",
    ],
    ["a form", send, { "content-type": "application/x-www-form-urlencoded" }, 415, "unsupported-media-type"],
    ["a type that only begins so", send, { "content-type": "application/jsonp" }, 415, "unsupported-media-type"],
    ["too much", " ".repeat(BODY_LIMIT + 1), {}, 413, "body-too-large"],
    [
      "too much once it is unpacked",
      gzipSync(" ".repeat(BODY_LIMIT + 1)),
      { "content-encoding": "gzip" },
      413,
      "body-too-large",
    ],
  ])("%s is refused", async (_what, body, headers, status, code) => {
    expect(await refused(body, headers)).toMatchObject({ status, code });
  });
});

describe("where a route takes no body", () => {
  const cancel = `${PATH}/Operations/comms_operation_01h2xcejqtf2nbrexx3vqjhp41/Cancel`;
  const credential = `${PATH}/Credentials/comms_credential_01h2xcejqtf2nbrexx3vqjhp41`;
  const ROUTES_WITHOUT = [
    ["POST", cancel],
    ["POST", `${credential}/Verify`],
    ["DELETE", credential],
    ["DELETE", `${PATH}/Users/comms_pushnotificationuser_01h2xcejqtf2nbrexx3vqjhp41`],
    ["DELETE", `${PATH}/DeviceRegistrations/comms_device_registration_01h2xcejqtf2nbrexx3vqjhp41`],
    ["DELETE", `/v1/Accounts/AC${"0".repeat(31)}1/Keys/SK${"0".repeat(32)}`],
  ] as const;

  test.each(ROUTES_WITHOUT)("one of %s %s is refused by name, and none and {} are taken", async (method, path) => {
    for (const [body, status, code] of [
      ['{"x":1}', 400, "invalid-request"],
      ["{junk", 400, "malformed-json"],
      ["[]", 400, "invalid-request"],
      ["null", 400, "invalid-request"],
      [`{"x":"${"x".repeat(1_024)}"}`, 413, "body-too-large"],
      ["{}", 404, "not-found"],
      [undefined, 404, "not-found"],
    ] as const) {
      const answer = await api.call(method, path, { body });
      expect([body, answer.status, answer.body.code]).toEqual([body, status, code]);
    }
    const { body } = await api.call(method, path, { body: { x: 1 } });
    expect(body.detail).toBe("1 field is not valid; nothing was done.");
    expect(body.errors).toEqual([{ pointer: "/x", code: "unknown-field", detail: "x is not a field here." }]);
    expect((await api.call(method, path, { body: "x=1", headers: { "content-type": "text/plain" } })).status).toBe(415);
  });

  test("one without an end is refused when it is too large, and not waited for", async () => {
    const head = `POST ${cancel} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${basic(api.account)}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await converse(`${head}800\r\n${" ".repeat(0x800)}\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("one of a GET means nothing", async () => {
    const lines = ["Host: localhost", `Authorization: ${basic(api.account)}`, "Content-Length: 5", "Connection: close"];
    expect(await converse(`GET ${PATH}/Apps HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n{junk`)).toMatch(
      /^HTTP\/1\.1 200 /,
    );
  });
});

/** Writes a head to a connection of its own, and collects what comes; `body` is sent once the server asks for it. */
function converse(head: string, body = ""): Promise<string> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = "";
    const late = setTimeout(() => socket.destroy(new Error(`No end of: ${answer}`)), patient(5_000));
    socket.on("data", (data) => {
      const isAsked = !answer.includes("100 Continue") && String(data).includes("100 Continue");
      answer += String(data);
      if (isAsked) socket.write(body);
    });
    socket.once("error", reject);
    socket.once("close", () => {
      clearTimeout(late);
      resolve(answer);
    });
    socket.write(head);
  });
}

const headOf = (more: string) =>
  `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n${more}\r\n\r\n`;

describe("a client that asks first", () => {
  const authorization = () => `Authorization: ${basic(api.account)}\r\n`;

  test("is asked for its body, and answered", async () => {
    const answer = await converse(headOf(`${authorization()}Content-Length: ${send.length}`), send);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 /);
  });

  test.each([
    ["too large", () => `${authorization()}Content-Length: ${BODY_LIMIT + 1}`, 413],
    ["of nobody", () => "Content-Length: 10", 401],
  ])("is told at once that a body %s is not wanted, and the connection ends", async (_what, more, status) => {
    const answer = await converse(headOf(more()));
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
  });

  test("a body that is announced as too large is refused before it has come", async () => {
    const head = headOf(`${authorization()}Content-Length: ${BODY_LIMIT * 100}`).replace(
      "Expect: 100-continue\r\n",
      "",
    );
    expect(await converse(`${head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")}{`)).toMatch(/^HTTP\/1\.1 413 /);
  });
});
