import { randomBytes } from "node:crypto";
import { answerTo, type RunningApi, readAnswer, runApi } from "./support.js";

const password = `p:a:s:${randomBytes(12).toString("hex")}`;
let api: RunningApi;
beforeAll(async () => {
  api = await runApi({ FANFARE_AUTH_TOKEN: password, LOGIN_FAILURES_PER_MINUTE: "1000" });
});
afterAll(() => api.close());

const encoded = (text: string | Uint8Array) => Buffer.from(text).toString("base64");
const right = () => encoded(`${api.account.user}:${password}`);

const statusOf = async (authorization: string) =>
  readAnswer(
    await answerTo(api, "GET /v1/PushNotifications HTTP/1.1", "Host: localhost", `Authorization: ${authorization}`),
  ).status;

/** Base64 of three bytes a group has no bits to spare; of one or two it has, which have to be zero. */
function withSpareBits(): string {
  const text = right();
  const at = text.indexOf("=") - 1;
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return `${text.slice(0, at)}${alphabet[alphabet.indexOf(text[at] ?? "") + 1]}${text.slice(at + 1)}`;
}

test("right credentials in their right form are taken, with a colon in the password, and whatever the case of the scheme", async () => {
  for (const form of [`Basic ${right()}`, `basic ${right()}`, `BASIC   ${right()}`])
    expect([form, await statusOf(form)]).toEqual([form, 200]);
});

test("whatever else decodes to the same bytes is a 401", async () => {
  const text = right();
  // Without padding there is nothing to leave out and no bit to spare.
  expect(text).toMatch(/=$/);
  const forms = [
    ...[
      `${text} junk`,
      `${text}, Basic x`,
      `${text}!`,
      `${text}=`,
      `${text}AAAA`,
      text.replaceAll("=", ""),
      withSpareBits(),
    ],
    ...[`${text.slice(0, 4)}-${text.slice(4)}`, `${text.slice(0, 8)} ${text.slice(8)}`, `"${text}"`, `=${text}`],
  ];
  for (const form of forms) expect([form, await statusOf(`Basic ${form}`)]).toEqual([form, 401]);
  for (const form of [`Basic${text}`, `Basic\t${text}`, `Basi ${text}`, `x Basic ${text}`, text, "Basic", "Basic ="]) {
    expect([form, await statusOf(form)]).toEqual([form, 401]);
  }
});

test("credentials that are there twice are none", async () => {
  const line = `Authorization: Basic ${right()}`;
  const answer = await answerTo(api, "GET /v1/PushNotifications HTTP/1.1", "Host: localhost", line, line);
  expect(readAnswer(answer).status).toBe(401);
});

test("a password that is no UTF-8 is not the one that it is read as", async () => {
  const user = `AC${"0".repeat(31)}2`;
  const other = await runApi(
    { FANFARE_ACCOUNT_ID: user, FANFARE_AUTH_TOKEN: `${"x".repeat(20)}\u{fffd}` },
    api.databaseUrl,
  );
  try {
    const ask = async (bytes: Uint8Array) => {
      const authorization = `Basic ${encoded(Buffer.concat([Buffer.from(`${user}:${"x".repeat(20)}`), bytes]))}`;
      return (await fetch(`${other.url}/v1/PushNotifications`, { headers: { authorization } })).status;
    };
    expect(await ask(Buffer.from("\u{fffd}"))).toBe(200);
    expect(await ask(Buffer.from([0xff]))).toBe(401);
  } finally {
    await other.close();
  }
});
