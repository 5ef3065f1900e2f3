import { generateKeyPairSync } from "node:crypto";
import { createFcmAccessToken } from "./fcm-access-token.js";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const serviceAccount = {
  project_id: "p",
  client_email: "a@b.c",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
};
// Nobody listens: every fetch fails at once.
const tokenUrl = "https://127.0.0.1:1/token";

test("a token endpoint that fails is told once for all who wait, and then left alone for a second", async () => {
  let nowMs = 0;
  const errors: Error[] = [];
  const token = createFcmAccessToken({
    serviceAccount,
    tokenUrl,
    nowMs: () => nowMs,
    onError: (error) => errors.push(error),
  });
  const results = await Promise.allSettled([token.fetch(), token.fetch(), token.fetch()]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(errors).toHaveLength(1);
  nowMs = 900;
  await expect(token.fetch()).rejects.toThrow("No access token");
  expect(errors).toHaveLength(1);
  nowMs = 1_100;
  await expect(token.fetch()).rejects.toThrow("No access token");
  expect(errors).toHaveLength(2);
  expect(token.current()).toBeUndefined();
  expect(errors[0]).toMatchObject({ name: "AccessTokenError", retryable: true });
  expect(String(errors[0]?.cause)).not.toContain("PRIVATE KEY");
});
