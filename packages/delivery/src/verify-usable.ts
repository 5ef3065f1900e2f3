import { UnusableCredentialError, unusableVerification, type Verification } from "@fanfare/domain";

/** Makes a check of a credential; of one that can not be used as it is stored that is its result. */
export async function verifyUsable(verify: () => Promise<Verification | undefined>): Promise<Verification | undefined> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof UnusableCredentialError) return unusableVerification(error);
    throw error;
  }
}
