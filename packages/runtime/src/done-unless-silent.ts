import { setTimeout } from "node:timers/promises";

/** What work that comes to its end waits for. */
export interface Needs {
  /** Asks the server that the work needs, not behind what already waits for it. */
  ping: () => Promise<unknown>;
  /** How much of the work must not be left, whatever that server does. @default none */
  inHand?: () => number;
}

/** How long a server that is there takes to answer at most, in milliseconds. */
const SILENCE_MS = 3_000;

/** Unanswered questions in a row that show silence: of one the answer may have come while this process was halted itself. */
const SILENCES = 2;

/** Between two questions, in milliseconds. */
const AGAIN_MS = 500;

/**
 * Waits for the work, and resolves with whether it was done: not, when nothing of it is in hand and the server that it needs says
 * nothing. One that refuses is no reason: the work then fails by itself. Rejects when the work does.
 */
export async function doneUnlessSilent(work: Promise<unknown>, needs: Needs): Promise<boolean> {
  const { ping, inHand = () => 0 } = needs;
  let ended = false;
  const done = work
    .then(() => true)
    .finally(() => {
      ended = true;
    });
  const silent = async () => {
    for (let silences = 0; !ended; await setTimeout(AGAIN_MS)) {
      silences = inHand() === 0 && !(await answers(ping)) ? silences + 1 : 0;
      if (silences === SILENCES && inHand() === 0) break;
    }
    return false;
  };
  return Promise.race([done, silent()]);
}

function answers(ping: Needs["ping"]): Promise<boolean> {
  const answered = ping().then(
    () => true,
    () => true,
  );
  return Promise.race([answered, setTimeout(SILENCE_MS, false, { ref: false })]);
}
