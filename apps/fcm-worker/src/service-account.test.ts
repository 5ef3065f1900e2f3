import { generateKeyPairSync } from "node:crypto";
import { parseServiceAccount } from "./service-account.js";

const pem = (type: "rsa" | "ec") => {
  const pair =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
};
const account = { project_id: "p", client_email: "a@b.c", private_key: pem("rsa") };

test("a service account is read, with Google's token endpoint when it names none", () => {
  expect(parseServiceAccount(JSON.stringify(account))).toEqual({
    ...account,
    token_uri: "https://oauth2.googleapis.com/token",
  });
});

test.each([
  ["text that is not JSON", "{", "not JSON"],
  ["a missing project", JSON.stringify({ ...account, project_id: undefined }), "project_id"],
  ["a token endpoint without TLS", JSON.stringify({ ...account, token_uri: "http://x/token" }), "token_uri"],
  ["a key that is none", JSON.stringify({ ...account, private_key: "hush" }), "private_key"],
  ["an elliptic key", JSON.stringify({ ...account, private_key: pem("ec") }), "private_key"],
])("%s is refused, the field is named, and the key is not", (_what, json, problem) => {
  expect(() => parseServiceAccount(json)).toThrow(problem);
  expect(() => parseServiceAccount(json)).not.toThrow("hush");
});
