/** What a worker knows of its provider calls, and nobody else does. */
export interface CallLedger {
  /** A line was handed to its client. */
  begun(): void;
  /** The client is done with it: with a provider's answer that is to be recorded, or without any. */
  settled(answered: boolean): void;
  /** The record of an answer was written, or (`held` is false) its lease was lost. `last`: nobody sends here any more. */
  recorded(held: boolean, last: boolean): void;
  /** Calls that are on their way, and answers that are not on record yet. */
  inHand(): number;
  /**
   * Answers that are not on record, those included that were refused when nothing was sent any more: were the process to end
   * now, nobody would know them.
   */
  unrecorded(): number;
}

/** Makes the ledger of one worker. */
export function createCallLedger(): CallLedger {
  let onTheirWay = 0;
  let answers = 0;
  let refused = 0;
  return {
    begun() {
      onTheirWay++;
    },
    settled(answered) {
      onTheirWay--;
      if (answered) answers++;
    },
    recorded(held, last) {
      answers--;
      if (!held && last) refused++;
    },
    inHand: () => onTheirWay + answers,
    unrecorded: () => answers + refused,
  };
}
