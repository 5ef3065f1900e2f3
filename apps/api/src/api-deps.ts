import type { AppLimits, Db, Keyring } from "@fanfare/db";
import type { Provider } from "@fanfare/domain";
import type { Log, Readiness, ReadinessDetail } from "@fanfare/runtime";
import type { AcceptSlots } from "./accept-slots.js";
import type { BacklogGate } from "./backlog-gate.js";
import type { OperationWatch } from "./operation-watch.js";
import type { QueueRank } from "./queue-rank.js";

/** What handlers are made with: each takes out of it what it needs, so none of its functions may look for `this`. */
export interface ApiDeps {
  db: Db;
  /** Is told what was done for whom. */
  log: Pick<Log, "info">;
  /** The master keys, read anew: a rotation is seen at once. */
  keyring(): Keyring;
  limits: AppLimits;
  /** Refuses sends while too much waits. */
  backlog: BacklogGate;
  /** Who may store an operation now. */
  acceptSlots: AcceptSlots;
  /** Enqueues the fan-out of a batch; never throws and waits for nothing: the dispatcher mends what it could not do. */
  enqueueFanOut(batch: { id: string; recipients: number; firstOrdinal: number }, ahead: number): void;
  queueRank: QueueRank;
  /** Asks the workers of a provider to make a credential check; rejects when the queue can not be reached. */
  enqueueCheck(provider: Provider, checkId: string): Promise<void>;
  /** Makes due what waits for a credential; never throws and waits for nothing: it comes back by itself within about a minute. */
  wakeBatchesOf(credentialId: string): void;
  operations: OperationWatch;
  /** Forgets what is known of who may do what, after it was changed. */
  forgetCallers(): void;
  /** Whether requests are taken, and why not. */
  readiness(): Promise<Readiness>;
  /** Who is told why not. */
  readinessDetail: ReadinessDetail;
  /** The OpenAPI document for callers who reach the API at `serverUrl`. */
  documentAt(serverUrl: string): object;
  /** Scheme and authority under which callers reach the API; absent: taken from each request. */
  publicUrl?: string | undefined;
}
