import { NOT_WANTED, type PushReply, type PushRequest, type Settle } from "./push-session.js";
import { createWaitingLine, type Waiting } from "./waiting-line.js";

/** A request that no session processed is sent again at once, this many times in all. */
const MAX_TRIES = 5;

/** What a session at its end leaves over is sent again as often as that happens, since each time costs the peer a connection. */
const ENDS = new Set(["GOAWAY", "DRAINING"]);

/** The requests of a pool that wait for a session: each until its deadline, and as long as it is wanted. */
export interface WaitingRequests {
  readonly size: number;
  add(request: PushRequest, settle: Settle): void;
  /** Takes out the one whose turn it is; what is not wanted any more is settled instead. */
  next(): Waiting | undefined;
  /** Takes back one that was not processed, if it may be sent again; `false`: it is over. */
  takeBack(entry: Waiting, reply: PushReply): boolean;
  /** Settles what is not wanted any more, wherever in the line it stands. */
  dropUnwanted(): void;
  /**
   * Settles those that waited too long, with `code`, as not processed, and says whether there were any; `movedAt` is when a request
   * last left the line.
   */
  giveUp(now: number, movedAt: number, code: string): boolean;
  /** Settles all as not processed; nothing is taken back from now on. */
  close(code: string): void;
}

/** Makes an empty line in which a request waits for `maxWaitMs` at most while nothing moves. */
export function createWaitingRequests(maxWaitMs: number): WaitingRequests {
  const line = createWaitingLine();
  let closed = false;

  const isWanted = ({ request }: Waiting) => request.isWanted?.() !== false;
  const refuse = ({ settle }: Waiting) => settle({ kind: "not-processed", code: NOT_WANTED });

  return {
    get size() {
      return line.size;
    },
    add(request, settle) {
      line.add({ request, settle, since: performance.now(), wasSent: false, tries: 1 });
    },
    next() {
      for (let entry = line.next(); entry; entry = line.next()) {
        if (isWanted(entry)) return entry;
        refuse(entry);
      }
      return undefined;
    },
    takeBack(entry, reply) {
      if (reply.kind !== "not-processed" || closed) return false;
      if (entry.tries >= MAX_TRIES || performance.now() - entry.since > maxWaitMs) return false;
      if (!ENDS.has(reply.code)) entry.tries++;
      line.addAgain(entry);
      return true;
    },
    dropUnwanted() {
      for (const entry of line.remove((waiting) => !isWanted(waiting))) refuse(entry);
    },
    giveUp(now, movedAt, code) {
      let any = false;
      for (let first = line.first(); first; first = line.first()) {
        if (now - Math.max(first.since, movedAt) <= maxWaitMs) break;
        line.next()?.settle({ kind: "not-processed", code });
        any = true;
      }
      return any;
    },
    close(code) {
      closed = true;
      for (const { settle } of line.drain()) settle({ kind: "not-processed", code });
    },
  };
}
