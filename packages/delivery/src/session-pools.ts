import type { Provider } from "@fanfare/domain";
import { type ConnectionLog, logConnections } from "./log-connections.js";
import type { PushSession, RequestSender } from "./push-session.js";
import type { SessionOpener } from "./session-openers.js";
import { createSessionPool, type SessionPoolOptions } from "./session-pool.js";
import { createShared, type Held } from "./shared-resources.js";

/** Whose sessions they are. */
export interface SessionOwner {
  /** Who has the same one has the same sessions. */
  key: string;
  /** What the log calls them, in the provider's own words. The trouble of all owners together is one trouble: no `credential`. */
  names: Readonly<Record<string, string>>;
}

/** The ways of one owner to the origins of a provider, for a holder who gives them back with `release`. */
export interface HeldSessions {
  /** The pool of sessions of this owner to an origin, made when there is none. */
  senderTo(origin: string): RequestSender;
  release(): void;
}

/** The pools of a worker: one for each origin and owner. Whoever makes them closes them. */
export interface SessionPools {
  of(owner: SessionOwner): HeldSessions;
  close(): Promise<void>;
}

/** How sessions are opened, and what they are. */
export interface SessionPoolsOptions extends Pick<SessionPoolOptions, "retireAfter"> {
  provider: Provider;
  /** Of one pool at most. */
  maxSessions: number;
  openSession: SessionOpener;
  ca?: string | undefined;
  requestTimeoutMs: number;
  pingIdleMs: number;
  /** Puts something before each session. @default nothing */
  adapt?: (session: PushSession) => PushSession;
  log: ConnectionLog;
  onError: (error: unknown) => void;
}

/** How long the sessions of an owner that nobody holds any more stay open, in milliseconds. */
const IDLE_MS = 60_000;

/** Makes {@link SessionPools}. */
export function createSessionPools(options: SessionPoolsOptions): SessionPools {
  const {
    provider,
    openSession,
    ca,
    requestTimeoutMs,
    pingIdleMs,
    adapt = (session) => session,
    log,
    onError,
  } = options;
  const { maxSessions, retireAfter } = options;
  const logged = logConnections(log);
  const pools = createShared<RequestSender>({ closeOne: (pool) => pool.close(), idleMs: IDLE_MS, onError });

  function createPool(origin: string, names: SessionOwner["names"]): RequestSender {
    const { open, onConnectError } = logged({ provider, origin, ...names }, (events) =>
      openSession({ origin, ca, requestTimeoutMs, pingIdleMs }, events),
    );
    return createSessionPool({
      open: async (events) => adapt(await open(events)),
      ...{ maxSessions, onConnectError },
      ...(retireAfter && { retireAfter }),
    });
  }

  return {
    of({ key, names }) {
      const held = new Map<string, Held<RequestSender>>();
      return {
        senderTo(origin) {
          const pool = held.get(origin) ?? pools.take(`${origin} ${key}`, () => createPool(origin, names));
          held.set(origin, pool);
          return pool.resource;
        },
        release() {
          for (const { release } of held.values()) release();
          held.clear();
        },
      };
    },
    close: () => pools.close(),
  };
}
