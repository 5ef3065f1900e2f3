import { ReceiveWindow } from "./flow-control.js";
import { Http2Answer, type Http2Reply, type Http2Settle } from "./http2-reply.js";
import { DEFAULT_WINDOW_BYTES } from "./settings.js";

/** Bytes of an answer's body that are kept; the rest is read and dropped. */
const MAX_BODY_BYTES = 65_536;

const NO_BODY = Buffer.alloc(0);

/** A request that is under way. */
export class Http2Stream {
  readonly id: number;
  readonly deadline: number;
  /** What the peer lets this stream send; may be negative. */
  sendWindowBytes: number;
  /** What is left of the request's body. */
  unsent: Uint8Array | undefined;
  /** The answer's status; 0: it has not come. */
  status = 0;
  private readonly settleOnce: Http2Settle;
  private receiveWindow: ReceiveWindow | undefined;
  private head = NO_BODY;
  private body: Buffer | undefined;
  private bodyChunks: Buffer[] | undefined;
  private bodyBytes = 0;

  constructor(id: number, deadline: number, sendWindowBytes: number, settle: Http2Settle) {
    this.id = id;
    this.deadline = deadline;
    this.sendWindowBytes = sendWindowBytes;
    this.settleOnce = settle;
  }

  /** Keeps an answer's status and fields, `bytes[start..end)`. */
  takeHead(status: number, bytes: Buffer, start: number, end: number): void {
    this.status = status;
    this.head = Buffer.from(bytes.subarray(start, end));
  }

  /** Keeps a piece of an answer's body, `bytes[start..end)`, as far as there is room. */
  takeBody(bytes: Buffer, start: number, end: number): void {
    const kept = Math.min(end - start, MAX_BODY_BYTES - this.bodyBytes);
    if (kept <= 0) return;
    this.bodyBytes += kept;
    const chunk = Buffer.from(bytes.subarray(start, start + kept));
    if (this.body === undefined) this.body = chunk;
    else if (this.bodyChunks) this.bodyChunks.push(chunk);
    else this.bodyChunks = [this.body, chunk];
  }

  /** The window of what the peer may send. */
  get window(): ReceiveWindow {
    this.receiveWindow ??= new ReceiveWindow(DEFAULT_WINDOW_BYTES);
    return this.receiveWindow;
  }

  private wholeBody(): Buffer {
    return this.bodyChunks ? Buffer.concat(this.bodyChunks) : (this.body ?? NO_BODY);
  }

  /** Settles the request: with what came of its answer, once its status is there, since then the peer has decided. */
  settle(reply: Http2Reply): void {
    this.settleOnce(this.status === 0 ? reply : new Http2Answer(this.status, this.head, this.wholeBody()));
  }
}
