import { generateKeyPairSync } from "node:crypto";
import { UnusableCredentialError } from "@fanfare/domain";
import { signAssertion } from "./sign-assertion.js";

const pem = { type: "pkcs8", format: "pem" } as const;
const account = (private_key: string) => ({ project_id: "p", client_email: "a@b.c", private_key });
const short = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey.export(pem).toString();
const curve = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export(pem).toString();

test.each([
  ["of 1,024 bits", short, "The service account's key has 1024 bits"],
  ["of another kind", curve, "is one for ec, not for RSA"],
  ["that is cut off", short.slice(0, 200), "is no private key in PEM form"],
  ["that is text", "secret words", "is no private key in PEM form"],
])("a key %s can not sign, and nothing of it is told", (_what, key, words) => {
  let thrown: unknown;
  try {
    signAssertion(account(key), "https://localhost/token", Date.now());
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UnusableCredentialError);
  const { code, message, cause } = thrown as UnusableCredentialError;
  expect([code, cause]).toEqual(["KEY_CAN_NOT_SIGN", undefined]);
  expect(message).toContain(words);
  for (const line of key.split("\n").filter((part) => part.length > 8)) expect(message).not.toContain(line);
});
