/** What a worker knows of its provider calls, and nobody else does. */
export interface CallLedger {
  /** A line was handed to its client. */
  begun(): void;
  /** The client is done with it: with a provider's answer that is to be recorded, or without any. */
  settled(answered: boolean): void;
  /** An answer is on record, or refused: then whoever has taken its batch over decides. */
  recorded(): void;
  /** Calls that are on their way, and answers that are not on record yet. */
  inHand(): number;
  /** Answers that are not on record yet: were the process to end now, nobody would know them. */
  unrecorded(): number;
}

/** Makes the ledger of one worker. */
export function createCallLedger(): CallLedger {
  let onTheirWay = 0;
  let answers = 0;
  return {
    begun() {
      onTheirWay++;
    },
    settled(answered) {
      onTheirWay--;
      if (answered) answers++;
    },
    recorded() {
      answers--;
    },
    inHand: () => onTheirWay + answers,
    unrecorded: () => answers,
  };
}
