import type { Random } from "./random.js";

/** A device as a send names it. */
export interface PlannedAddress {
  provider: "FCM" | "APN";
  token: string;
}

/** A recipient as a send names it. */
export type PlannedRecipient = PlannedAddress | { addresses: PlannedAddress[]; policy: "first" | "all" };

/** One send request. */
export interface PlannedSend {
  /** Its number in the run, from 0, which its tokens carry. */
  number: number;
  /** Milliseconds since the first send. */
  atMs: number;
  to: PlannedRecipient[];
  /** It is to be sent so long after the request, in milliseconds. */
  sendAfterMs?: number;
  /** It is canceled so long after its 202, in milliseconds. */
  cancelAfterMs?: number;
  /** The request is made once more after its 202, with the same key. */
  isRepeated: boolean;
}

/** How the sends of a run are planned. */
export interface SendOptions {
  recipients: number;
  /** The last send begins by then, in milliseconds. */
  windowMs: number;
}

/** Bounds of the sizes of operations: of small ones as they are, of large ones as shares of all recipients. */
const SMALL = [1, 1, 20, 100, 300];
const LARGE = [0.02, 0.05, 0.1];

/** What a request takes at most. */
const RECIPIENTS_PER_REQUEST = 10_000;

/** Plans sends of all sizes and kinds, to so many recipients in all, each token used once. */
export function planSends(random: Random, { recipients, windowMs }: SendOptions): PlannedSend[] {
  const sends: PlannedSend[] = [];
  const bounds = [...SMALL, ...LARGE.map((share) => Math.ceil(share * recipients))];
  for (let left = recipients; left > 0; ) {
    const bound = Math.min(random.pick(bounds), RECIPIENTS_PER_REQUEST);
    const size = Math.min(left, random.int(Math.ceil(bound / 2), bound));
    left -= size;
    sends.push(planSend(random, sends.length, size));
  }
  // Spread over the window, the order as planned.
  for (const send of sends) send.atMs = Math.round((send.number / sends.length) * windowMs);
  return sends;
}

function planSend(random: Random, number: number, size: number): PlannedSend {
  const kind = random.pick(["plain", "plain", "mixed", "slow", "addressed"] as const);
  return {
    number,
    atMs: 0,
    to: Array.from({ length: size }, (_, index) => planRecipient(random, kind, number, index + 1)),
    ...(random.chance(0.1) && { sendAfterMs: random.int(2_000, 6_000) }),
    ...(random.chance(0.12) && { cancelAfterMs: random.int(0, 3_000) }),
    isRepeated: random.chance(0.2),
  };
}

/** Longer than a lease, so that it has to be renewed. */
const SLOW_PREFIX = "slow-6000-";

const PREFIXES = {
  plain: [""],
  mixed: ["", "", "", "", "dead-", "flaky-1-", "flaky-2-", "throttle-1-", "reset-1-"],
  slow: [...Array.from({ length: 99 }, () => ""), SLOW_PREFIX],
  addressed: [""],
} as const;

function planRecipient(
  random: Random,
  kind: keyof typeof PREFIXES,
  send: number,
  ordinal: number,
): PlannedSend["to"][number] {
  const address = (prefix: string, position = 0): PlannedAddress => {
    const provider = random.pick(["FCM", "APN"] as const);
    // FCM is come back to after 10 to 20 s, then after 20 to 40 s: two in a row would be waited for longer than for all else.
    const own = provider === "FCM" && prefix === "flaky-2-" ? "throttle-2-" : prefix;
    return { provider, token: `${own}${tokenOf({ send, ordinal, position })}` };
  };
  if (kind !== "addressed" || random.chance(0.5)) return address(random.pick(PREFIXES[kind]));
  const policy = random.pick(["first", "all"] as const);
  return { policy, addresses: [address(random.pick(["", "dead-", "flaky-1-"])), address("", 1)] };
}

/** Which address of which recipient of which send a token belongs to. */
export interface TokenOwner {
  send: number;
  ordinal: number;
  position: number;
}

/** The token of an address. */
export function tokenOf({ send, ordinal, position }: TokenOwner): string {
  return `send${send}-to${ordinal}-address${position}`;
}

/** Reads whose token it is; `undefined` for those that no send of a run has. */
export function ownerOf(token: string): TokenOwner | undefined {
  const [, send, ordinal, position] = /send(\d+)-to(\d+)-address(\d+)$/.exec(token) ?? [];
  if (send === undefined) return undefined;
  return { send: Number(send), ordinal: Number(ordinal), position: Number(position) };
}
