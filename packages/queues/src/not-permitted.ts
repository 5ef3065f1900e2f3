// In a script Redis does not begin the message with a word of its own.
const NOT_PERMITTED = /\b(NOPERM|NOAUTH|WRONGPASS)\b|^ERR The user executing the script can't/;

/** Whether an error is Redis's refusal of what a user may not do, or of the user. */
export function isNotPermitted(error: unknown): error is Error {
  return error instanceof Error && NOT_PERMITTED.test(error.message);
}

/** Rejects as the promise does, and says of what is not permitted where it is written what has to be. */
export async function explained<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (!isNotPermitted(error)) throw error;
    const message = `Redis does not permit what the queues need (docs/operations.md has the ACL): ${error.message}`;
    throw new Error(message, { cause: error });
  }
}
