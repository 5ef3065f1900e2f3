import { generateKeyPairSync } from "node:crypto";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { selfSignedCertificate } from "@fanfare/delivery/testing";
import { createFcmAccessToken } from "./fcm-access-token.js";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const serviceAccount = {
  project_id: "p",
  client_email: "a@b.c",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A token endpoint over HTTPS that answers as `answer` says. */
let endpoint: { server: https.Server; ca: string; tokenUrl: string };
let answer: Answer;
let asked: number;
beforeAll(async () => {
  const { cert, key } = await selfSignedCertificate();
  const server = https.createServer({ cert, key }, (req, res) => {
    asked++;
    req.resume();
    res.writeHead(answer.status, answer.headers).end(answer.body ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const tokenUrl = `https://localhost:${(server.address() as AddressInfo).port}/token`;
  endpoint = { server, ca: cert, tokenUrl };
});
afterAll(
  () =>
    new Promise((resolve) => {
      endpoint.server.closeAllConnections();
      endpoint.server.close(resolve);
    }),
);
beforeEach(() => {
  asked = 0;
});

const START_MS = Date.UTC(2026, 0);

function aToken({ tokenUrl = endpoint.tokenUrl }: { tokenUrl?: string } = {}) {
  // What the wall clock is ahead or behind of what has passed, it was set by somebody.
  const clock = { ms: START_MS, setBackMs: 0 };
  const errors: Error[] = [];
  const harmless: boolean[] = [];
  const token = createFcmAccessToken({
    ...{ serviceAccount, tokenUrl, ca: endpoint.ca, nowMs: () => clock.ms - clock.setBackMs },
    monotonicMs: () => clock.ms,
    onError: (error, stillWorks) => {
      errors.push(error);
      harmless.push(stillWorks);
    },
  });
  return { token, clock, errors, harmless };
}

const granted = (expiresIn: string): Answer => ({
  status: 200,
  body: `{"access_token":"t","expires_in":${expiresIn}}`,
});

test("a token endpoint that fails is told once for all who wait, and then left alone for a second", async () => {
  // Nobody listens: every fetch fails at once.
  const { token, clock, errors } = aToken({ tokenUrl: "https://127.0.0.1:1/token" });
  const results = await Promise.allSettled([token.fetch(), token.fetch(), token.fetch()]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(errors).toHaveLength(1);
  clock.ms += 900;
  await expect(token.fetch()).rejects.toThrow("No access token");
  expect(errors).toHaveLength(1);
  clock.ms += 200;
  await expect(token.fetch()).rejects.toThrow("No access token");
  expect(errors).toHaveLength(2);
  expect(token.current()).toBeUndefined();
  expect(token.askedToWaitMs()).toBeUndefined();
  expect(errors[0]).toMatchObject({ name: "AccessTokenError", retryable: true });
  expect(String(errors[0]?.cause)).not.toContain("PRIVATE KEY");
});

test.each([
  [429, "30", 30_000],
  [503, "30", 30_000],
  [500, "1.5", 1_500],
  [503, "Thu, 01 Jan 2026 00:02:00 GMT", 120_000],
  [503, "99999999999999999", 3_600_000],
])(
  "a token endpoint that answers %i with Retry-After: %s is asked again when it says, and no sooner",
  async (status, retryAfter, ms) => {
    const { token, clock } = aToken();
    answer = { status, headers: { "retry-after": retryAfter } };
    await expect(token.fetch()).rejects.toThrow(`HTTP ${status}`);
    expect(token.askedToWaitMs()).toBe(ms);
    answer = granted("3600");
    clock.ms += ms - 1;
    await expect(token.fetch()).rejects.toThrow(`HTTP ${status}`);
    expect(token.askedToWaitMs()).toBe(1);
    expect(asked).toBe(1);
    clock.ms += 1;
    expect(token.askedToWaitMs()).toBeUndefined();
    await expect(token.fetch()).resolves.toBe("Bearer t");
    expect(asked).toBe(2);
  },
);

test.each(["0", "-5", "soon", "120, 60", "1e3"])(
  "one that asks for '%s' is left alone for a second",
  async (retryAfter) => {
    const { token, clock } = aToken();
    answer = { status: 503, headers: { "retry-after": retryAfter } };
    await expect(token.fetch()).rejects.toThrow("HTTP 503");
    answer = granted("3600");
    clock.ms += 999;
    await expect(token.fetch()).rejects.toThrow("HTTP 503");
    clock.ms += 1;
    await expect(token.fetch()).resolves.toBe("Bearer t");
  },
);

test("a clock that is set back by a day does not make the wait longer", async () => {
  const { token, clock } = aToken();
  answer = { status: 429, headers: { "retry-after": "30" } };
  await expect(token.fetch()).rejects.toThrow("HTTP 429");
  clock.setBackMs = 86_400_000;
  answer = granted("3600");
  clock.ms += 29_999;
  expect(token.askedToWaitMs()).toBe(1);
  clock.ms += 1;
  expect(token.askedToWaitMs()).toBeUndefined();
  await expect(token.fetch()).resolves.toBe("Bearer t");
});

test("a refresh that is asked to wait does, and the old token goes on", async () => {
  const { token, clock } = aToken();
  answer = granted("3600");
  await token.fetch();
  clock.ms += 3_300_000;
  answer = { status: 429, headers: { "retry-after": "120" } };
  expect(token.current()).toBe("Bearer t");
  await expect(token.fetch()).rejects.toThrow("HTTP 429");
  clock.ms += 119_000;
  expect(token.current()).toBe("Bearer t");
  await expect(token.fetch()).rejects.toThrow("HTTP 429");
  expect(asked).toBe(2);
});

test.each(["1e300", "1e400", "86400"])(
  "a token that is to live for %s s is replaced within the hour all the same",
  async (expiresIn) => {
    const { token, clock } = aToken();
    answer = granted(expiresIn);
    await token.fetch();
    clock.ms += 3_239_000;
    expect(token.current()).toBe("Bearer t");
    expect(asked).toBe(1);
    clock.ms += 361_000;
    expect(token.current()).toBeUndefined();
  },
);

test.each(["0.001", "1e-300"])(
  "with tokens that are to live for %s s the endpoint is asked once a second at most",
  async (expiresIn) => {
    const { token, clock } = aToken();
    answer = granted(expiresIn);
    await token.fetch();
    clock.ms += 800;
    expect(token.current()).toBe("Bearer t");
    expect(asked).toBe(1);
    clock.ms += 200;
    expect(token.current()).toBeUndefined();
  },
);

test.each(["0", "-1", '"3600"', "null", "[]"])("an answer whose expires_in is %s is none", async (expiresIn) => {
  const { token } = aToken();
  answer = granted(expiresIn);
  await expect(token.fetch()).rejects.toMatchObject({ name: "AccessTokenError", retryable: true });
  expect(token.current()).toBeUndefined();
});

test("a refusal keeps Google's own description, and says what to do about its error", async () => {
  const { token } = aToken();
  const description = "Invalid JWT: Token must be a short-lived token (60 minutes). Check your iat and exp values.";
  answer = { status: 400, body: JSON.stringify({ error: "invalid_grant", error_description: description }) };
  await expect(token.fetch()).rejects.toMatchObject({
    ...{ code: "OAUTH_INVALID_GRANT", retryable: false },
    message: `Google refused the service account (invalid_grant: ${description}).`,
    advice: expect.stringContaining("clock"),
  });
});

test("what a proxy says for the endpoint is passed on in short, without markup and without the assertion", async () => {
  const { token } = aToken();
  const page = `<html><style>p { color: red }</style><p>Access   denied for eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl</p>${"x".repeat(9_000)}</html>`;
  answer = { status: 400, body: page };
  const error = await token.fetch().catch((caught: Error) => caught);
  const { message } = error as Error;
  expect(error).toMatchObject({ code: "NO_ACCESS_TOKEN", retryable: true, advice: expect.stringMatching(/\.$/) });
  expect(message).toContain(`${endpoint.tokenUrl} answered HTTP 400: Access denied for … xxx`);
  expect(message.length).toBeLessThan(320);
});

test.each(["", " t", "t\nx-a: b", "tökén", "t t", "\u0000"])(
  "an access token of %j, which no header can carry, is none",
  async (access_token) => {
    const { token } = aToken();
    answer = { status: 200, body: JSON.stringify({ access_token, expires_in: 3_600 }) };
    await expect(token.fetch()).rejects.toThrow("answered HTTP 200 with something else than one.");
    expect(token.current()).toBeUndefined();
  },
);

test("an endpoint that can not be reached is named with why, without the secrets of its URL", async () => {
  const { token } = aToken({ tokenUrl: "https://user:secret@127.0.0.1:1/token?key=secret" });
  const error = (await token.fetch().catch((caught: Error) => caught)) as Error;
  expect(error.message).toBe("No access token: https://127.0.0.1:1/token could not be asked (ECONNREFUSED).");
});

test("a failed refresh is told as one that nobody misses while the old token works", async () => {
  const { token, clock, harmless } = aToken();
  answer = granted("3600");
  await token.fetch();
  clock.ms += 3_300_000;
  answer = { status: 503 };
  await expect(token.fetch()).rejects.toThrow("HTTP 503");
  clock.ms += 301_000;
  await expect(token.fetch()).rejects.toThrow("HTTP 503");
  expect(harmless).toEqual([true, false]);
});
