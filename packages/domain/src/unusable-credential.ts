import type { Verification } from "./app.js";
import { withAdvice } from "./wait-reason.js";

/** Why a credential as it is stored is of no use, whatever its provider thinks of it. */
export type UnusableCode =
  /** Its key is none, or not one that signs for this provider. */
  | "KEY_CAN_NOT_SIGN"
  /** What is stored can not be unsealed, or is not of its type's form. */
  | "CREDENTIAL_UNREADABLE";

const ADVICE: Readonly<Record<UnusableCode, string>> = {
  KEY_CAN_NOT_SIGN: "Change the credential: give it a key as the provider hands it out.",
  CREDENTIAL_UNREADABLE: "Give the worker the master key that it was stored under, or change the credential.",
};

/** A stored credential can not be used. Its text has nothing of the key, so that a sender and a log may have it. */
export class UnusableCredentialError extends Error {
  override readonly name = "UnusableCredentialError";
  readonly retryable = false;
  readonly code: UnusableCode;

  /** `why`: a sentence without any part of the secret. No `cause`: a parser's own words may quote the key. */
  constructor(code: UnusableCode, why: string) {
    super(why);
    this.code = code;
  }

  /** What an operator, or whoever owns the credential, is to do. */
  get advice(): string {
    return ADVICE[this.code];
  }
}

/** Whether a code says that a credential can not be used as it is stored: its provider was not even asked. */
export const isUnusableCode = (code: string): code is UnusableCode => Object.hasOwn(ADVICE, code);

/** What a check of such a credential comes to: a key that can not sign is wrong; of one that can not be read nobody knows. */
export function unusableVerification({ code, message, advice }: UnusableCredentialError): Verification {
  const detail = withAdvice(message, advice) ?? "";
  if (code === "KEY_CAN_NOT_SIGN") return { status: "INVALID", wrong: ["key"], providerCode: code, detail };
  return { status: "UNKNOWN", wrong: [], providerCode: code, detail };
}
