import { createPrivateKey, createPublicKey, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { decodeBase64, decodeText, plainText, type TextOrBytes } from "./plain-text.js";
import { refusal } from "./refusal.js";

/** What a key is for: `rsa` signs for Google (RS256), `p256` for Apple (ES256). */
export type KeyKind = "rsa" | "p256";

/** RFC 7518, section 3.3: a smaller key must not sign RS256, and libraries refuse to. */
export const RSA_BITS_MIN = 2_048;

const WANTED: Record<KeyKind, string> = {
  rsa: `an RSA private key of at least ${RSA_BITS_MIN} bits, as PEM or base64 of it`,
  p256: "a P-256 private key, the .p8 file from Apple, as PEM or base64 of it",
};

const NO_KEY = "are no key that can be read";
const CUT_OFF = "are a key that is cut off";
const DAMAGED = "are a key that is damaged";
const ENCRYPTED = "are an encrypted key: decrypt it first (openssl pkcs8)";
const WITHOUT_BACKSLASHES =
  "are a key whose line ends have lost their backslashes: set the setting in quotation marks, or give base64 of the file";
const PUBLIC = "are a public key, not the private one";
const CERTIFICATE = "are a certificate, not the private key";

type Found = { key: KeyObject } | { fault: string };

/**
 * Reads a private key in the forms that deployment tools make of one: PEM with line ends that are real, escaped, or lost; base64 of
 * the file or of its DER; each with a byte order mark, white space or quotation marks around it.
 *
 * @returns The key in its one canonical form, PKCS#8 as PEM, or a sentence that says its length and why it is none, and has no piece
 *   of it: nothing of what the parser says gets into it.
 */
export function canonicalKey(kind: KeyKind, content: TextOrBytes): { pem: string } | { problem: string } {
  const text = plainText(content);
  const found = findKey(withoutEscapes(text));
  const fault = "fault" in found ? found.fault : (misfit(kind, found.key) ?? brokenness(found.key));
  if (fault !== undefined || "fault" in found) {
    const length = typeof content === "string" ? content.length : text.length;
    return { problem: refusal(WANTED[kind], length, fault ?? NO_KEY) };
  }
  return { pem: found.key.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** Line ends as one character, however often they were escaped; no base64 has a backslash. */
function withoutEscapes(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[rnt]/g, "\n")
    .replace(/\\/g, "");
}

function findKey(text: string): Found {
  const inPem = fromPem(text);
  if (inPem) return inPem;
  const bytes = decodeBase64(text);
  if (!bytes) return { fault: /PRIVATE\s*KEY/.test(text) ? DAMAGED : NO_KEY };
  const decoded = decodeText(bytes);
  if (decoded === undefined) return fromDer(bytes);
  return fromPem(withoutEscapes(plainText(decoded))) ?? { fault: NO_KEY };
}

/** Label, body, and the beginning of the last line, of each part of a PEM text. */
const PEM_PART = /-----\s*BEGIN([A-Z0-9\s]*)-----([^-]*)(-----\s*END)?/g;

/** What is left of `\n` where a shell or systemd took the backslash: an n before and behind each line of 64 characters. */
const BARE_LINE_ENDS = /^n[A-Za-z0-9+/]{64}n/;

function fromPem(text: string): Found | undefined {
  // Before a key may stand certificates, or its curve.
  const parts = [...text.matchAll(PEM_PART)];
  const keys = parts.filter((part) => /PRIVATE/.test(part[1] ?? ""));
  if (keys.length > 1) return { fault: `are ${keys.length} keys: give the one that is to sign` };
  const [, label = "", body = "", end] = keys[0] ?? parts[0] ?? [];
  if (parts.length === 0) return undefined;
  if (/PUBLIC/.test(label)) return { fault: PUBLIC };
  if (/CERTIFICATE/.test(label)) return { fault: CERTIFICATE };
  if (/OPENSSH/.test(label)) return { fault: "are a key in the form of OpenSSH, not PKCS#8" };
  if (!/PRIVATE/.test(label)) return { fault: "are PEM of something other than a private key" };
  // RFC 1421: the header Proc-Type stands before what is encrypted.
  if (/ENCRYPTED/.test(label) || /^\s*Proc/.test(body)) return { fault: ENCRYPTED };
  if (end === undefined) return { fault: `${CUT_OFF}: its last line is missing` };
  if (BARE_LINE_ENDS.test(body)) return { fault: WITHOUT_BACKSLASHES };
  const der = decodeBase64(body);
  return der ? fromDer(der) : { fault: DAMAGED };
}

function fromDer(der: Buffer): Found {
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    const key = unlessThrown(() => createPrivateKey({ key: der, format: "der", type }));
    if (key) return { key };
  }
  return { fault: whatElse(der) };
}

/** The version of a PKCS#12 file; that of a private key is 0 or 1. */
const PKCS12_VERSION = Buffer.from("020103", "hex");
/** The beginning of the names of PKCS#5's ways to encrypt, 1.2.840.113549.1.5. */
const PKCS5 = Buffer.from("2a864886f70d0105", "hex");

function whatElse(der: Buffer): string {
  if (unlessThrown(() => new X509Certificate(der))) return CERTIFICATE;
  if (unlessThrown(() => createPublicKey({ key: der, format: "der", type: "spki" }))) return PUBLIC;
  if (unlessThrown(() => createPublicKey({ key: der, format: "der", type: "pkcs1" }))) return PUBLIC;
  if (der[0] !== 0x30) return NO_KEY;
  const { header, total } = lengthOf(der);
  if (der.subarray(header, header + 3).equals(PKCS12_VERSION)) {
    return "are a PKCS#12 file (.p12) with a certificate, not a signing key";
  }
  if (total > der.length) return CUT_OFF;
  if (der.subarray(0, 64).includes(PKCS5)) return ENCRYPTED;
  return DAMAGED;
}

/** What the header of a DER value says of its bytes (X.690, section 8.1.3). */
function lengthOf(der: Buffer): { header: number; total: number } {
  const first = der[1] ?? 0;
  const more = first & 0x7f;
  if (first < 0x80 || more === 0 || more > 4 || der.length < 2 + more) return { header: 2, total: 2 + more };
  return { header: 2 + more, total: 2 + more + der.readUIntBE(2, more) };
}

function misfit(kind: KeyKind, { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  const { namedCurve, modulusLength = 0 } = details ?? {};
  const what =
    type === "ec"
      ? `are a key on the curve ${namedCurve ?? "that it describes itself"}`
      : `are a key of the type ${type}`;
  if (kind === "p256") return namedCurve === "prime256v1" ? undefined : what;
  if (type !== "rsa") return what;
  return modulusLength < RSA_BITS_MIN ? `are an RSA key of ${modulusLength} bits, too few for RS256` : undefined;
}

/** A larger key is not tried: 16,384 bits sign for most of a second, in which nobody else is served. */
const TRIED_BITS_MAX = 4_096;

// The parser looks at the form only: of a changed digit it knows nothing.
function brokenness(key: KeyObject): string | undefined {
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) > TRIED_BITS_MAX) return undefined;
  const data = Buffer.from("fanfare");
  return unlessThrown(() => verify("sha256", data, createPublicKey(key), sign("sha256", data, key)))
    ? undefined
    : DAMAGED;
}

/** What a parser makes of something; `undefined` when it takes it for something else, in words that may quote it. */
function unlessThrown<Made>(make: () => Made): Made | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
