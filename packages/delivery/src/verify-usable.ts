import { formatId, UnusableCredentialError, unusableVerification, type Verification } from "@fanfare/domain";

/** Makes a check of a credential; of one that can not be used as it is stored that is its result. */
export async function verifyUsable(verify: () => Promise<Verification | undefined>): Promise<Verification | undefined> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof UnusableCredentialError) return unusableVerification(error);
    throw error;
  }
}

interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Tells an operator what a verification that was asked for came to. */
export function logVerification(log: Log, credentialId: string, { status, wrong, providerCode, detail }: Verification) {
  const credential = formatId("credential", credentialId);
  if (status === "VALID") log.info({ credential, status }, "A credential was verified, and works");
  else log.warn({ credential, status, wrong, code: providerCode, detail }, "A credential failed its verification");
}
