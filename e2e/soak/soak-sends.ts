import { type PlannedAddress, type PlannedSend, tokenOf } from "../chaos/sends.js";

/** Sizes of the operations, in turn. */
const SIZES = [10_000, 1, 1_000, 5_000, 100];

/** The sends of a soak, to so many recipients in all. Their recipients are made when they are asked for: all at once are too many. */
export function soakSends(recipients: number): PlannedSend[] {
  const sends: PlannedSend[] = [];
  for (let left = recipients; left > 0; ) {
    const size = Math.min(left, SIZES[sends.length % SIZES.length] ?? 1);
    left -= size;
    sends.push(soakSend(sends.length, size));
  }
  return sends;
}

function soakSend(number: number, size: number): PlannedSend {
  return {
    ...{ number, atMs: 0, isRepeated: false },
    get to() {
      return Array.from({ length: size }, (_, index): PlannedAddress => {
        const owner = { send: number, ordinal: index + 1, position: 0 };
        return { provider: index % 2 === 0 ? "FCM" : "APN", token: tokenOf(owner) };
      });
    },
  };
}
