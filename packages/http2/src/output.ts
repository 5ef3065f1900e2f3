import type { Duplex } from "node:stream";
import { FRAME_HEAD_BYTES, writeFrameHead, writeUint32 } from "./frames.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";

const FIRST_BYTES = 65_536;

/** A buffer that had to grow beyond this is not kept. */
const KEPT_BYTES = 1_048_576;

/**
 * Answers to what the peer may ask without end (PING, SETTINGS), as long as they wait to be written: a peer that does not read
 * them is cut off, instead of filling the memory (RFC 9113, section 10.5).
 */
const MAX_WAITING_ANSWERS = 10_000;

/** A `TLSSocket`, as far as it is needed here. */
export type Http2Socket = Duplex & { destroySoon(): void };

/** What the owner of an output is told. */
export interface OutputEvents {
  /** What waited, so many bytes, is handed to the socket. */
  onWrite(bytes: number): void;
}

/**
 * The frames that are to be written. All those of one turn of the event loop go out in one write: the cost of a write, and of the
 * TLS record that it makes, is shared by hundreds of requests. While one is under way the next one gathers.
 */
export class Output {
  /** Where frames are written to, from `length` on, after `reserve`. */
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** Bytes that wait. */
  length = 0;
  private spare: Buffer | undefined = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private isWriting = false;
  private isScheduled = false;
  private waitingAnswers = 0;
  private readonly socket: Http2Socket;
  private readonly events: OutputEvents;

  constructor(socket: Http2Socket, events: OutputEvents) {
    this.socket = socket;
    this.events = events;
  }

  /** Makes room for so many bytes more, and has them written at the end of this turn. */
  reserve(bytes: number): void {
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(this.flush);
    }
    if (this.length + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + bytes));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Adds a whole frame. */
  addFrame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    this.reserve(FRAME_HEAD_BYTES + payload.length);
    const at = writeFrameHead(this.bytes, this.length, payload.length, type, flags, stream);
    this.bytes.set(payload, at);
    this.length = at + payload.length;
  }

  /** Adds bytes as they are. */
  addRaw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Adds a frame whose payload is a number of four bytes. */
  addNumberFrame(type: number, stream: number, value: number): void {
    this.reserve(FRAME_HEAD_BYTES + 4);
    const at = writeFrameHead(this.bytes, this.length, 4, type, 0, stream);
    this.length = writeUint32(this.bytes, at, value);
  }

  /**
   * Adds an answer to something that the peer may ask as often as it likes.
   *
   * @throws Http2ConnectionError when too many wait.
   */
  addAnswer(type: number, flags: number, payload: Uint8Array): void {
    if (++this.waitingAnswers > MAX_WAITING_ANSWERS) {
      throw new Http2ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "The peer asks without end and reads no answer.");
    }
    this.addFrame(type, flags, 0, payload);
  }

  /** Forgets what waits. */
  drop(): void {
    this.length = 0;
  }

  /** Writes what waits as the last thing, and closes the socket when that is done. */
  close(): void {
    if (!this.socket.destroyed && this.length > 0) this.socket.write(this.bytes.subarray(0, this.length));
    this.bytes = Buffer.alloc(0);
    this.length = 0;
    this.socket.destroySoon();
  }

  /** Writes what waits, unless the last write is not over: then that writes it when it is. */
  readonly flush = (): void => {
    this.isScheduled = false;
    if (this.length === 0 || this.isWriting || this.socket.destroyed) return;
    const written = this.bytes;
    const chunk = written.subarray(0, this.length);
    this.bytes = this.spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.spare = undefined;
    this.length = 0;
    this.waitingAnswers = 0;
    this.isWriting = true;
    this.events.onWrite(chunk.length);
    this.socket.write(chunk, () => {
      this.isWriting = false;
      if (written.length <= KEPT_BYTES) this.spare = written;
      this.flush();
    });
  };
}
