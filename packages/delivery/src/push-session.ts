/** One HTTP/2 POST to a provider. */
export interface PushRequest {
  path: string;
  /** Regular header fields, names in lower case, values of ASCII; the pseudo-header fields are the session's business. */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
  /** Asked when a request that waited for its turn is about to go out; `false`: it is not to be sent any more. */
  isWanted?: (() => boolean) | undefined;
}

/** What became of a request. "No answer" is a value too; only bugs throw. */
export type PushReply =
  | { kind: "answered"; status: number; headers: Readonly<Record<string, string | undefined>>; body: Buffer }
  /**
   * The peer did not process it (never written, REFUSED_STREAM, above GOAWAY's last stream id; RFC 9113, sections 6.8
   * and 8.7): it may be sent again freely and counts as no attempt. `DRAINING`: the session takes no more requests.
   */
  | { kind: "not-processed"; code: string }
  /**
   * The path, or the field of this name, has a value that may not be sent (RFC 9113, section 8.2.1; RFC 9110, section 5.5):
   * nothing was written, and to send it again is of no use.
   */
  | { kind: "illegal"; field: string }
  /** It was written and no answer came: it may have been processed. */
  | { kind: "unknown"; code: string };

/** A reply after which a provider has, or may have, the request. */
export type ProviderReply = Extract<PushReply, { kind: "answered" | "unknown" }>;

/** The code of a request that was not wanted any more when its turn came. */
export const NOT_WANTED = "NOT_WANTED";

/** Called exactly once for a request, within the session's request deadline. */
export type Settle = (reply: PushReply) => void;

/**
 * One long-lived connection to a provider: request in, reply out. The port behind which the HTTP/2 implementations
 * stand.
 */
export interface PushSession {
  /**
   * `open` takes requests; `draining` takes no more and still answers what it has (GOAWAY, close); `closed` is gone.
   */
  readonly state: "open" | "draining" | "closed";
  /** Requests that it takes right now without exceeding the peer's stream limit; 0 unless `open`. */
  readonly freeStreams: number;
  /** Requests that wait for their reply. */
  readonly pending: number;
  /** Sends a request; never throws. More than `freeStreams` are settled as not processed. */
  send(request: PushRequest, settle: Settle): void;
  /**
   * Takes no more requests, waits for the pending ones (each has its deadline) until the drain deadline at most, and closes
   * the connection; what is pending then settles as unknown.
   */
  close(): Promise<void>;
  /** Closes the connection now; what is pending settles as unknown. */
  destroy(): void;
}

/** What a session tells its owner. */
export interface SessionEvents {
  /** `freeStreams` grew, or `state` changed. */
  onChange(): void;
  /**
   * The peer said GOAWAY: with which code (RFC 9113, section 7), and why, if it gave a reason as APNs does (Apple: the debug
   * data is JSON with a `reason`).
   */
  onGoaway?(goaway: { errorCode: number; reason: string | undefined }): void;
  /** Nothing more comes of the session, told once. */
  onEnd?(end: SessionEnd): void;
}

/** How a session ended. */
export interface SessionEnd {
  /**
   * `DRAINED`: in order, with nothing left to be answered. `PING_TIMEOUT`: the peer says nothing. `DRAIN_TIMEOUT`: what was owed
   * did not come. `CONNECTION_CLOSED`: the peer closed it without a word. Otherwise the socket's, TLS's or HTTP/2's own.
   */
  reason: string;
  /** Requests that it leaves without an answer. */
  inFlight: number;
}

/**
 * Opens a session: resolves when it is ready to take requests (TLS done, the peer's SETTINGS read).
 *
 * @throws SessionConnectError when it could not be opened within the connect deadline.
 */
export type OpenSession = (events: SessionEvents) => Promise<PushSession>;

/** Something that takes requests and settles each of them: one session, or a pool of them. */
export interface RequestSender {
  send(request: PushRequest, settle: Settle): void;
  close(): Promise<void>;
}

/** A session could not be opened. `code` is the socket's or TLS's own, such as `ECONNREFUSED`, or `CONNECT_TIMEOUT`. */
export class SessionConnectError extends Error {
  override readonly name = "SessionConnectError";
  readonly code: string;

  constructor(code: string, cause?: unknown) {
    super(`The provider could not be reached: ${code}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
