/** Why what was due could not be sent, as a sender is told. */
export interface WaitReason {
  /** The provider's code, or one of Fanfare's own. */
  code: string;
  /** In plain words, with what to do where that is known. Storable text. */
  detail: string;
}

/** Words, and after them what is to be done, as one text. */
export function withAdvice(detail: string | undefined, advice: string | undefined): string | undefined {
  if (advice === undefined) return detail;
  return detail ? `${detail} ${advice}` : advice;
}
