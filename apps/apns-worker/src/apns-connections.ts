import { createHash } from "node:crypto";
import {
  type ConnectionLog,
  createSessionPool,
  createShared,
  logConnections,
  type RequestSender,
  type SessionOpener,
} from "@fanfare/delivery";
import type { ApnContent } from "@fanfare/domain";
import { retiresConnection } from "./apns-outcome.js";
import { type ApnsProviderToken, createApnsProviderToken } from "./apns-token.js";
import { keepProviderToken } from "./keep-provider-token.js";

/** A signing key's way to APNs: its provider token and the sessions that carry it. */
export interface ApnsConnection {
  providerToken: ApnsProviderToken;
  sender: RequestSender;
}

/** Where and how APNs is reached. */
export interface ApnsConnectionsOptions {
  origins: Record<"APN" | "APN_SANDBOX", string>;
  ca?: string | undefined;
  openSession: SessionOpener;
  maxSessions: number;
  requestTimeoutMs: number;
  pingIdleMs: number;
  log: ConnectionLog;
  onError: (error: unknown) => void;
}

/** The connections of a worker, one for each signing key and environment. */
export interface ApnsConnections {
  take(type: "APN" | "APN_SANDBOX", content: ApnContent): { resource: ApnsConnection; release(): void };
  close(): Promise<void>;
}

/** How long the sessions of a key that no credential uses any more stay open, in milliseconds. */
const IDLE_MS = 60_000;

/**
 * Makes the connections. Apps that are signed with the same key share them and one provider token: APNs wants one team
 * a connection, and refuses a connection whose token changes more than once in 20 minutes (Apple, "Establishing a
 * token-based connection to APNs").
 */
export function createApnsConnections(options: ApnsConnectionsOptions): ApnsConnections {
  const { origins, ca, openSession, maxSessions, requestTimeoutMs, pingIdleMs, log, onError } = options;
  const logged = logConnections(log);
  const shared = createShared<ApnsConnection>({ closeOne: ({ sender }) => sender.close(), idleMs: IDLE_MS, onError });
  return {
    take(type, { key, keyId, teamId }) {
      const digest = createHash("sha256").update(key).digest("hex");
      const origin = origins[type];
      return shared.take(`${type} ${teamId} ${keyId} ${digest}`, () => {
        const { open, onConnectError } = logged({ provider: "APN", origin, teamId, keyId }, (events) =>
          openSession({ origin, ca, requestTimeoutMs, pingIdleMs }, events),
        );
        return {
          providerToken: createApnsProviderToken({ key, keyId, teamId }),
          sender: createSessionPool({
            open: async (events) => keepProviderToken(await open(events)),
            ...{ maxSessions, onConnectError },
            retireAfter: retiresConnection,
          }),
        };
      });
    },
    close: () => shared.close(),
  };
}
