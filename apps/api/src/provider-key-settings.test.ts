import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { AppError } from "@fanfare/domain";
import { parseConfig } from "@fanfare/runtime";
import { jsonForms, keyForms, piecesIn } from "@fanfare/testkit";
import fc from "fast-check";
import { configSchema } from "./config.js";
import { parseCredentialContent } from "./credential-content.js";

const pkcs8 = { type: "pkcs8", format: "pem" } as const;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const ec = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const rsaKey = String(rsa.privateKey.export(pkcs8));
const ecKey = String(ec.privateKey.export(pkcs8));
const p8 = { APNS_KEY_ID: "ABCDEFGHIJ", APNS_TEAM_ID: "KLMNOPQRST", APNS_TOPIC: "com.example" };
const apn = { keyId: "ABCDEFGHIJ", teamId: "KLMNOPQRST", bundleId: "com.example" };
const fcm = { project_id: "airline", client_email: "a@b.iam.gserviceaccount.com", private_key_id: "0123" };
const account = { type: "service_account", ...fcm, private_key: rsaKey, token_uri: "https://example.com" };
const stored = { type: "service_account", ...fcm, private_key: rsaKey };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "fanfare-keys-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

function read(env: Record<string, string>) {
  const parsed = parseConfig(configSchema, {
    DATABASE_URL: "postgres://x/y",
    ...(env.APNS_KEY !== undefined && p8),
    ...env,
  });
  return parsed.ok ? parsed.config : parsed.problems;
}

/** What an answer of the API says of a content. */
function refusalOf(type: "FCM" | "APN", content: unknown): string {
  try {
    parseCredentialContent(type, content);
  } catch (error) {
    if (error instanceof AppError) return JSON.stringify([error.detail, error.errors]);
    throw error;
  }
  return "accepted";
}

const fileOf = (name: string, content: string | Buffer) => {
  const file = join(dir, name);
  writeFileSync(file, content);
  return file;
};

const inForms = (key: typeof rsa, own: "pkcs1" | "sec1") => {
  const pem = String(key.privateKey.export(pkcs8));
  return [...keyForms(pem), [`PEM of ${own}`, String(key.privateKey.export({ type: own, format: "pem" } as never))]];
};

describe.each(inForms(ec as never, "sec1"))("a signing key as %s", (_form, key = "") => {
  test("is the same key in APNS_KEY, in a file that it names, and in what the API is given", () => {
    expect(read({ APNS_KEY: key })).toMatchObject({ APNS_KEY: ecKey });
    expect(read({ APNS_KEY: fileOf("key", key) })).toMatchObject({ APNS_KEY: ecKey });
    expect(parseCredentialContent("APN", { key, ...apn }).content).toEqual({ key: ecKey, ...apn });
    const whole = Buffer.from(JSON.stringify({ key, ...apn })).toString("base64");
    expect(parseCredentialContent("APN", whole).content).toEqual({ key: ecKey, ...apn });
  });
});

describe.each(inForms(rsa, "pkcs1"))("the private_key of a service account as %s", (_form, key = "") => {
  test("is the same key in FCM_SERVICE_ACCOUNT, in a file, and in what the API is given", () => {
    const given = { ...account, private_key: key };
    expect(read({ FCM_SERVICE_ACCOUNT: JSON.stringify(given) })).toMatchObject({ FCM_SERVICE_ACCOUNT: stored });
    const base64 = Buffer.from(JSON.stringify(given)).toString("base64");
    for (const content of [given, base64]) expect(parseCredentialContent("FCM", content).content).toEqual(stored);
  });
});

test.each(jsonForms(account))(
  "a service account as %s is the same one in FCM_SERVICE_ACCOUNT, in a file, and in what the API is given",
  (_form, text) => {
    expect(read({ FCM_SERVICE_ACCOUNT: text })).toMatchObject({ FCM_SERVICE_ACCOUNT: stored });
    expect(read({ FCM_SERVICE_ACCOUNT: fileOf("account", text) })).toMatchObject({ FCM_SERVICE_ACCOUNT: stored });
    expect(parseCredentialContent("FCM", text).content).toEqual(stored);
  },
);

test("a file may be named by a relative path, in quotes, as file://, and hold DER or UTF-16", () => {
  const file = fileOf("AuthKey_ABCDEFGHIJ.p8", ecKey);
  const der = fileOf("key.der", createPrivateKey(ecKey).export({ type: "pkcs8", format: "der" }));
  const utf16 = fileOf("key.txt", Buffer.from(`\ufeff${ecKey}`, "utf16le"));
  for (const path of [file, relative(".", file), `"${file}"`, ` ${file}\n`, pathToFileURL(file).href, der, utf16]) {
    expect([path, read({ APNS_KEY: path })]).toMatchObject([path, { APNS_KEY: ecKey }]);
  }
});

test("what a tenant gives is never taken for the path of a file", () => {
  const key = fileOf("tenant.p8", ecKey);
  const json = fileOf("tenant.json", JSON.stringify(account));
  for (const path of [key, relative(".", key), pathToFileURL(key).href]) {
    expect(refusalOf("APN", { key: path, ...apn })).toContain("/content/key");
    expect(refusalOf("FCM", { ...account, private_key: path })).toContain("/content/private_key");
  }
  for (const path of [json, relative(".", json), pathToFileURL(json).href]) {
    expect(refusalOf("FCM", path)).toContain("are no JSON object that can be read");
  }
});

const pemOf = (type: string, options: object) =>
  String(
    (generateKeyPairSync as (type: string, options: object) => typeof rsa)(type, options).privateKey.export(pkcs8),
  );
const p12 = Buffer.concat([Buffer.from("3082010a020103", "hex"), Buffer.alloc(263, 7)]);
const spki = String(ec.publicKey.export({ type: "spki", format: "pem" }));
const bodyOf = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");
const locked = { ...pkcs8, cipher: "aes-256-cbc", passphrase: "open sesame" };

// Anything that is not the signing key, and what is said of it.
test.each([
  ["a public key", spki, "are a public key"],
  ["a public key without the lines around it", bodyOf(spki), "are a public key"],
  ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "are a certificate"],
  ["an encrypted key", String(ec.privateKey.export(locked)), "are an encrypted key"],
  [
    "an encrypted key without the lines around it",
    bodyOf(String(ec.privateKey.export(locked))),
    "are an encrypted key",
  ],
  [
    "a key encrypted as OpenSSL did once",
    String(ec.privateKey.export({ type: "sec1", format: "pem", cipher: "aes-128-cbc", passphrase: "x" })),
    "are an encrypted key",
  ],
  ["an RSA key", rsaKey, "are a key of the type rsa"],
  ["a key on another curve", pemOf("ec", { namedCurve: "secp384r1" }), "are a key on the curve secp384r1"],
  ["a key of another type", pemOf("ed25519", {}), "are a key of the type ed25519"],
  ["a key of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----", "OpenSSH"],
  ["a key that is cut off", ecKey.slice(0, 150), "are a key that is cut off"],
  ["a key that is cut off, without the lines around it", bodyOf(ecKey).slice(0, 100), "are a key that is cut off"],
  ["a key with a digit changed", ecKey.replace(/(\n.{30})./, "$1!"), "are a key that is damaged"],
  ["a PKCS#12 file", p12.toString("base64"), "are a PKCS#12 file"],
  ["a service account", JSON.stringify(account), "are a key of the type rsa"],
  ["a word", "changeme", "are no key that can be read, nor the path of a file"],
  ["quotation marks around nothing", '""', "are no key"],
])("%s is no signing key, and is told apart, with its length", (_what, value, says) => {
  const problems = read({ APNS_KEY: value });
  expect(problems).toEqual([
    expect.stringMatching(/^APNS_KEY: must be a P-256 private key, the \.p8 file from Apple, .*; these \d+ characters/),
  ]);
  expect(String(problems)).toContain(`these ${value.length} characters`);
  expect(String(problems)).toContain(says);
  expect(refusalOf("APN", { key: value, ...apn })).toContain(`these ${value.length} characters`);
});

test.each([
  [
    "a key that is too small for RS256",
    { private_key: pemOf("rsa", { modulusLength: 1_024 }) },
    "of 1024 bits, too few",
  ],
  ["a key for RSA-PSS alone", { private_key: pemOf("rsa-pss", { modulusLength: 2_048 }) }, "of the type rsa-pss"],
  ["a key on a curve", { private_key: ecKey }, "on the curve prime256v1"],
  ["another type of account", { type: "authorized_user" }, 'type must be "service_account", not "authorized_user"'],
  ["google-services.json", { project_info: {}, client: [] }, "are google-services.json"],
  ["an OAuth client", { installed: {} }, "are an OAuth client"],
  ["an account without its project", { project_id: undefined }, "project_id "],
])("%s is no service account, and is told apart", (_what, fields, says) => {
  const value = JSON.stringify({ ...account, ...fields });
  expect(read({ FCM_SERVICE_ACCOUNT: value })).toEqual([expect.stringMatching(/^FCM_SERVICE_ACCOUNT: /)]);
  expect(String(read({ FCM_SERVICE_ACCOUNT: value }))).toContain(says);
});

test("a file that can not be read is named, with the reason; one that is no plain path by its length", () => {
  mkdirSync(join(dir, "folder.p8"));
  expect(read({ APNS_KEY: join(dir, "none.p8") })).toEqual([`APNS_KEY: the file ${dir}/none.p8 does not exist`]);
  expect(read({ APNS_KEY: join(dir, "folder.p8") })).toEqual([`APNS_KEY: the file ${dir}/folder.p8 is a directory`]);
  expect(read({ APNS_KEY: fileOf("empty.p8", "") })).toEqual([`APNS_KEY: the file ${dir}/empty.p8 is empty`]);
  expect(read({ APNS_KEY: "." })).toEqual(["APNS_KEY: the file whose path has 1 characters is a directory"]);
  const closed = fileOf("closed.p8", ecKey);
  chmodSync(closed, 0);
  // Root reads it all the same.
  const refused = [`APNS_KEY: the file ${closed} may not be read by this process`];
  expect(read({ APNS_KEY: closed })).toEqual(process.getuid?.() === 0 ? expect.anything() : refused);
});

test("what goes with a signing key is wanted with it, each by its own name", () => {
  const env = { APNS_KEY: ecKey, APNS_KEY_ID: "short", APNS_TEAM_ID: "", APNS_TOPIC: "a b" };
  expect(read(env)).toEqual([
    "APNS_KEY_ID: must be 10 capital letters or digits",
    "APNS_TEAM_ID: is required when APNS_KEY is set",
    "APNS_TOPIC: may contain only letters, digits, . and -",
  ]);
});

test("what goes with it is taken without the quotation marks and line ends that tools leave around it", () => {
  const env = {
    APNS_KEY: ecKey,
    APNS_KEY_ID: '"ABCDEFGHIJ"',
    APNS_TEAM_ID: "KLMNOPQRST\n",
    APNS_TOPIC: "'com.example'",
  };
  expect(read(env)).toMatchObject(p8);
});

test.each(["https://user:hush-secret@vault.local/key.pem", "//user:hush-secret@vault/key.p8"])(
  "of %s, given for a key, nothing is told",
  (text) => {
    for (const name of ["APNS_KEY", "FCM_SERVICE_ACCOUNT"]) {
      const problem = JSON.stringify(read({ [name]: text }));
      expect(problem).toMatch(new RegExp(`"${name}: .*${text.length} characters`));
      expect(problem).not.toContain("hush");
    }
  },
);

/** Keys that were cut, and had something put before, into and after what was left of them. */
const mangled = (pem: string) =>
  fc
    .record({
      form: fc.constantFrom(...keyForms(pem).map(([, text]) => text), bodyOf(pem), JSON.stringify({ key: pem })),
      from: fc.nat({ max: 400 }),
      length: fc.nat({ max: 2_500 }),
      before: fc.constantFrom("", "/", "./", "../", "~/", "{", '"', "'", "file://", "\\n", "-", "postgres://u:"),
      after: fc.constantFrom("", "=", "}", '"', "'", "-----", "@host/db", "\n"),
      into: fc.constantFrom("", "/", "\n", "\\n", "é", "=", "-----", "#"),
    })
    .map(({ form, from, length, before, after, into }) => {
      const rest = form.slice(from, from + length);
      const half = Math.floor(rest.length / 2);
      return `${before}${rest.slice(0, half)}${into}${rest.slice(half)}${after}`;
    });

test.each([
  ["APNS_KEY", ecKey],
  ["FCM_SERVICE_ACCOUNT", rsaKey],
  ["FANFARE_MASTER_KEY", ecKey],
  ["DATABASE_URL", ecKey],
  ["REDIS_URL", ecKey],
  ["REDIS_CLUSTER_NODES", ecKey],
  ["PUBLIC_URL", ecKey],
  ["FANFARE_ACCOUNT_ID", ecKey],
  ["PORT", ecKey],
  ["LOG_LEVEL", ecKey],
])("whatever is done to a key, nothing of it is in what is said of %s", (name, pem) => {
  fc.assert(
    fc.property(mangled(pem), (value) => {
      const result = read({ [name]: value });
      return !Array.isArray(result) || piecesIn(result.join("\n"), bodyOf(pem)).length === 0;
    }),
    { numRuns: 300 },
  );
});

test("whatever is done to a key, nothing of it is in an answer of the API", () => {
  fc.assert(
    fc.property(mangled(ecKey), (value) => {
      // A shorter one is told, as a name that was misspelt.
      const name = value.padEnd(41, "x");
      const contents = [value, { key: value, ...apn }, { [name]: ecKey, ...apn }, { [name]: 1 }];
      const said = contents.flatMap((content) => [refusalOf("APN", content), refusalOf("FCM", content)]);
      return piecesIn(said.join("\n"), bodyOf(ecKey)).length === 0;
    }),
    { numRuns: 300 },
  );
});
