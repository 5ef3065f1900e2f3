import { PROVIDER_TRAITS, type Provider } from "@fanfare/domain";
import type { OpenSession, SessionConnectError, SessionEnd, SessionEvents } from "./push-session.js";

/** Where connections are told of: what repeats itself is counted there, by its message. */
export interface ConnectionLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What tells an operator which connection it is: besides these, whose it is, in the provider's own words. */
export interface ConnectionNames {
  provider: Provider;
  origin: string;
  [name: string]: string;
}

/** What a pool of sessions is made with, so that its connections are in the log. */
export interface LoggedConnections {
  open: OpenSession;
  onConnectError: (error: SessionConnectError) => void;
}

type Goaway = Parameters<NonNullable<SessionEvents["onGoaway"]>>[0];

/** Lines of connections that opened or were closed in order, at most in so long, in milliseconds; the others are counted. */
const LINES_AT_MOST = 30;
const WITHIN_MS = 60_000;

/**
 * Makes a function that has each connection that opens, or ends, told to a log. One that is lost, or can not be made, repeats its
 * line, which the log counts; how often one opens meanwhile is counted here, for all of a worker together.
 */
export function logConnections(
  log: ConnectionLog,
  nowMs: () => number = () => performance.now(),
): (names: ConnectionNames, open: OpenSession) => LoggedConnections {
  const say = createBoundedInfo(log, nowMs);

  return (names, open) => {
    let sessions = 0;
    const line = (what: string) => `A connection to ${PROVIDER_TRAITS[names.provider].name} ${what}`;

    function tellEnd({ reason, inFlight }: SessionEnd, goaway: Goaway | undefined, openedAt: number): void {
      sessions--;
      const openMs = Math.round(nowMs() - openedAt);
      const said = goaway && { goaway: goaway.errorCode, goawayReason: goaway.reason?.slice(0, 100) };
      const fields = { ...names, reason, ...said, inFlight, sessions, openMs };
      if (reason === "DRAINED") say(fields, line(goaway ? "is closed, as the provider asked for" : "is closed"));
      else log.warn(fields, line(`is lost: ${reason}`));
    }

    return {
      async open(events) {
        const beganAt = nowMs();
        let openedAt: number | undefined;
        let goaway: Goaway | undefined;
        let ended: SessionEnd | undefined;
        const session = await open({
          onChange: () => events.onChange(),
          onGoaway(said) {
            // Of several the one with an error says why.
            if (!goaway || said.errorCode > 0) goaway = said;
            events.onGoaway?.(said);
          },
          onEnd(end) {
            ended = end;
            if (openedAt !== undefined) tellEnd(end, goaway, openedAt);
            events.onEnd?.(end);
          },
        });
        openedAt = nowMs();
        sessions++;
        say({ ...names, sessions, tookMs: Math.round(openedAt - beganAt) }, line("is open"));
        if (ended) tellEnd(ended, goaway, openedAt);
        return session;
      },
      onConnectError({ code, cause }) {
        const detail = cause instanceof Error ? cause.message : undefined;
        // Only of what is no plain refusal the stack says more.
        const err = code === "CONNECT_FAILED" ? { err: cause } : {};
        log.warn({ ...names, reason: code, ...(detail && { detail }), sessions, ...err }, line(`failed: ${code}`));
      },
    };
  };
}

/** Tells so many lines in a while; the next one after that has the number of those that were left out. */
function createBoundedInfo(log: ConnectionLog, nowMs: () => number): ConnectionLog["info"] {
  let since = Number.NEGATIVE_INFINITY;
  let told = 0;
  let leftOut = 0;

  return (fields, message) => {
    if (nowMs() - since >= WITHIN_MS) [since, told] = [nowMs(), 0];
    if (told >= LINES_AT_MOST) {
      leftOut++;
      return;
    }
    told++;
    log.info(leftOut > 0 ? { ...fields, leftOut } : fields, message);
    leftOut = 0;
  };
}
