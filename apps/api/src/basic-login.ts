import { isUtf8 } from "node:buffer";
import { hashSecret } from "./secrets.js";

/** What HTTP Basic says: who it is, and the hash of what is to prove it. */
export interface BasicLogin {
  user: string;
  hash: Buffer;
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** Reads credentials (RFC 7617). What decodes to the same bytes in another way, or to none of a text's, was not meant by anybody. */
export function readBasicLogin(authorization: string): BasicLogin | undefined {
  const encoded = BASIC.exec(authorization)?.[1] ?? "";
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded || !isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), hash: hashSecret(text.slice(colon + 1)) };
}
