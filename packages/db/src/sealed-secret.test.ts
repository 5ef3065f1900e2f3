import { randomBytes } from "node:crypto";
import { openSecret, resealSecret, sealSecret, UnknownMasterKeyError } from "./sealed-secret.js";

const keyring = { current: randomBytes(32), previous: [] };
const secret = "-----BEGIN PRIVATE KEY-----";

test("a sealed secret opens with its master key, for its owner, and shows nothing of itself", () => {
  const sealed = sealSecret(keyring, "owner", secret);
  expect(openSecret(keyring, "owner", sealed)).toBe(secret);
  expect(JSON.stringify(sealed)).not.toContain("PRIVATE");
  expect(JSON.stringify(sealed)).not.toContain(Buffer.from(secret).toString("base64").slice(0, 20));
});

test("the same secret is sealed differently each time", () => {
  expect(sealSecret(keyring, "owner", secret).secret).not.toEqual(sealSecret(keyring, "owner", secret).secret);
});

test("an envelope in another owner's place does not open", () => {
  expect(() => openSecret(keyring, "other", sealSecret(keyring, "owner", secret))).toThrow();
});

test("an envelope that was changed does not open", () => {
  const sealed = sealSecret(keyring, "owner", secret);
  const data = Buffer.from(sealed.secret.data, "base64");
  data[0] = (data[0] as number) ^ 1;
  const changed = { ...sealed, secret: { ...sealed.secret, data: data.toString("base64") } };
  expect(() => openSecret(keyring, "owner", changed)).toThrow();
});

test("without its master key it does not open, and the error says so", () => {
  const sealed = sealSecret(keyring, "owner", secret);
  const other = { current: randomBytes(32), previous: [] };
  expect(() => openSecret(other, "owner", sealed)).toThrow(UnknownMasterKeyError);
});

test("after a rotation old envelopes open with both keys at hand, and resealed ones with the new key alone", () => {
  const sealed = sealSecret(keyring, "owner", secret);
  const rotated = { current: randomBytes(32), previous: [keyring.current] };
  expect(openSecret(rotated, "owner", sealed)).toBe(secret);
  const resealed = resealSecret(rotated, "owner", sealed);
  expect(openSecret({ current: rotated.current, previous: [] }, "owner", resealed)).toBe(secret);
  expect(resealSecret(rotated, "owner", resealed)).toBeUndefined();
});
