import { Duplex } from "node:stream";
import { Http2Connection, type Http2ConnectionEvents, type Http2ConnectionOptions } from "../connection.js";
import { createFrameReader } from "../frame-reader.js";
import { CLIENT_PREFACE, FRAME_HEAD_BYTES, FrameType, writeFrameHead, writeUint32 } from "../frames.js";
import { createHpackDecoder } from "../hpack/decoder.js";
import type { Http2Reply } from "../http2-reply.js";
import { encodeSettings } from "../settings.js";

/** A frame that the client wrote. */
export interface WrittenFrame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

/** A frame as bytes. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  writeFrameHead(head, 0, payload.length, type, flags, stream);
  return Buffer.concat([head, payload]);
}

/** A number as four bytes. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  writeUint32(bytes, 0, value);
  return bytes;
}

/** A field as a literal that enters no table, not Huffman-coded. */
export function literalField(name: string, value: string): Buffer {
  if (name.length > 126 || value.length > 126) throw new Error("Longer texts need an integer of several bytes.");
  return Buffer.from([0, name.length, ...Buffer.from(name), value.length, ...Buffer.from(value)]);
}

/** A socket in memory and the server at its other end: what one of them says the other hears at once. */
export class MemoryPeer extends Duplex {
  /** What the client wrote, and in how many writes. */
  readonly frames: WrittenFrame[] = [];
  writes = 0;
  writtenBytes = 0;
  /** Whether it takes what is written; else the client's write is never over. */
  isReading = true;
  private preface = CLIENT_PREFACE.length;
  private readonly readFrames = createFrameReader(65_536, (type, flags, stream, bytes, start, end) => {
    this.frames.push({ type, flags, stream, payload: Buffer.from(bytes.subarray(start, end)) });
    return true;
  });

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes++;
    this.writtenBytes += chunk.length;
    const skipped = Math.min(this.preface, chunk.length);
    this.preface -= skipped;
    this.readFrames(chunk.subarray(skipped));
    if (this.isReading) done();
  }

  destroySoon(): void {
    this.end(() => this.destroy());
  }

  /** Says something to the client. */
  say(...bytes: Buffer[]): void {
    this.emit("data", Buffer.concat(bytes));
  }

  settings(...values: [id: number, value: number][]): void {
    this.say(frame(FrameType.SETTINGS, 0, 0, encodeSettings(values)));
  }

  /** Frames of a type that the client wrote. */
  framesOf(type: number): WrittenFrame[] {
    return this.frames.filter((written) => written.type === type);
  }
}

const opened: Http2Connection[] = [];

/** Ends all connections that were made: for `afterEach`. */
export function endConnections(): void {
  for (const connection of opened.splice(0)) connection.destroy();
}

/** A client on a socket in memory, whose peer has said these SETTINGS. */
export function connectInMemory(
  settings: [id: number, value: number][] = [],
  options: Http2ConnectionOptions = {},
  events: Partial<Http2ConnectionEvents> = {},
) {
  const peer = new MemoryPeer();
  const connection = new Http2Connection(
    peer,
    "localhost",
    options,
    { onChange: () => undefined, ...events },
    () => {},
  );
  opened.push(connection);
  peer.settings(...settings);
  const replies: Http2Reply[][] = [];
  /** Sends a request; all its replies are gathered, of which there is to be one. */
  const send = (body = "{}", headers: Record<string, string> = {}, path = "/") => {
    const own: Http2Reply[] = [];
    replies.push(own);
    connection.send({ path, headers, body: Buffer.from(body) }, (reply) => own.push(reply));
    return own;
  };
  const decoder = createHpackDecoder(4_096);
  /** The fields of a block that the client wrote; blocks are to be read in order. */
  const fieldsOf = (block: Buffer) => {
    const fields: [string, string][] = [];
    decoder.decode(block, 0, block.length, (...field) => fields.push(field));
    return fields;
  };
  return { peer, connection, send, replies, fieldsOf };
}

/** Waits until what was sent in this turn of the event loop is written. */
export function written(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
