import type { TLSSocket } from "node:tls";
import type { AnswerRequest, SinkAnswer } from "./answers.js";
import { FLAG, FRAME, frameHeader, HEADER_BYTES, PREFACE, SETTING } from "./frames.js";
import { createHeaderDecoder, type RequestHead } from "./header-decoder.js";

/** Bytes that a peer may send before the sink says that it took them; the sink says so when half are used. */
const WINDOW = 0x4000_0000;

/** What a peer may be sent before it says more (RFC 9113, section 6.9.2). */
const FIRST_WINDOW = 65_535;

interface OpenStream {
  head: RequestHead;
  chunks: Buffer[];
}

/**
 * Serves HTTP/2 on a TLS connection in place: frames are read from the chunks that the socket gives, and all answers to a chunk
 * are one write. It takes the peer for a sender of small requests that wants its answers: what a sender never does (a stream
 * window of its own, too small for an answer) it does not serve. What breaks the protocol ends the connection.
 */
export function serveConnection(socket: TLSSocket, answer: AnswerRequest, maxStreams: number): void {
  const decoder = createHeaderDecoder();
  const streams = new Map<number, OpenStream>();
  let rest: Buffer | undefined;
  let prefaceSeen = false;
  let block: { stream: number; endsStream: boolean; fragments: Buffer[] } | undefined;
  let taken = 0;
  let window = FIRST_WINDOW;
  let out: Buffer[] = [];
  let bodies: { stream: number; body: Buffer }[] = [];

  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    try {
      read(rest ? Buffer.concat([rest, chunk]) : chunk);
      flush();
    } catch {
      socket.destroy();
    }
  });
  out.push(settings([SETTING.maxConcurrentStreams, maxStreams], [SETTING.initialWindowSize, WINDOW]));
  out.push(windowUpdate(WINDOW - FIRST_WINDOW));
  flush();

  function read(bytes: Buffer): void {
    let at = 0;
    if (!prefaceSeen) {
      if (bytes.length < PREFACE.length) {
        rest = bytes;
        return;
      }
      if (!bytes.subarray(0, PREFACE.length).equals(PREFACE)) throw new Error("This is no HTTP/2.");
      prefaceSeen = true;
      at = PREFACE.length;
    }
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      onFrame(bytes[at + 3] as number, bytes[at + 4] as number, stream, bytes.subarray(at + HEADER_BYTES, end));
      at = end;
    }
    rest = at < bytes.length ? bytes.subarray(at) : undefined;
  }

  function onFrame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (block && type !== FRAME.continuation) throw new Error("A header block was interrupted.");
    switch (type) {
      case FRAME.headers:
        block = { stream, endsStream: (flags & FLAG.endStream) !== 0, fragments: [fragmentOf(payload, flags)] };
        if (flags & FLAG.endHeaders) endBlock();
        return;
      case FRAME.continuation:
        block?.fragments.push(payload);
        if (flags & FLAG.endHeaders) endBlock();
        return;
      case FRAME.data:
        onData(stream, payload.length, withoutPadding(payload, flags), (flags & FLAG.endStream) !== 0);
        return;
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0) out.push(frameHeader(0, FRAME.settings, FLAG.ack, 0));
        return;
      case FRAME.ping:
        if ((flags & FLAG.ack) === 0) out.push(frameHeader(payload.length, FRAME.ping, FLAG.ack, 0), payload);
        return;
      case FRAME.windowUpdate:
        if (stream === 0) window += payload.readUInt32BE(0);
        return;
      case FRAME.resetStream:
        streams.delete(stream);
        return;
      case FRAME.goaway:
        socket.end();
    }
  }

  function endBlock(): void {
    if (!block) throw new Error("A header block continues that never began.");
    const { stream, endsStream, fragments } = block;
    block = undefined;
    const head = decoder.decode(fragments.length === 1 ? (fragments[0] as Buffer) : Buffer.concat(fragments));
    if (endsStream) respond(stream, head, NO_BODY);
    else streams.set(stream, { head, chunks: [] });
  }

  function onData(id: number, frameBytes: number, data: Buffer, endsStream: boolean): void {
    taken += frameBytes;
    if (taken > WINDOW / 2) {
      out.push(windowUpdate(taken));
      taken = 0;
    }
    const stream = streams.get(id);
    // Its peer has reset it.
    if (!stream) return;
    if (!endsStream) {
      stream.chunks.push(data);
      return;
    }
    streams.delete(id);
    respond(id, stream.head, stream.chunks.length === 0 ? data : Buffer.concat([...stream.chunks, data]));
  }

  function respond(stream: number, head: RequestHead, requestBody: Buffer): void {
    const { headers, body }: SinkAnswer = answer(head, requestBody);
    const flags = FLAG.endHeaders | (body ? 0 : FLAG.endStream);
    out.push(frameHeader(headers.length, FRAME.headers, flags, stream), headers);
    if (body) bodies.push({ stream, body });
  }

  function flush(): void {
    let sent = 0;
    for (const { stream, body } of bodies) {
      if (body.length > window) break;
      window -= body.length;
      out.push(frameHeader(body.length, FRAME.data, FLAG.endStream, stream), body);
      sent++;
    }
    if (sent > 0) bodies = bodies.slice(sent);
    if (out.length === 0) return;
    socket.write(out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out));
    out = [];
  }
}

const NO_BODY = Buffer.alloc(0);

function withoutPadding(payload: Buffer, flags: number): Buffer {
  if ((flags & FLAG.padded) === 0) return payload;
  return payload.subarray(1, payload.length - (payload[0] as number));
}

function fragmentOf(payload: Buffer, flags: number): Buffer {
  const fragment = withoutPadding(payload, flags);
  return flags & FLAG.priority ? fragment.subarray(5) : fragment;
}

function settings(...values: [name: number, value: number][]): Buffer {
  const payload = Buffer.alloc(values.length * 6);
  values.forEach(([name, value], index) => {
    payload.writeUInt16BE(name, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return Buffer.concat([frameHeader(payload.length, FRAME.settings, 0, 0), payload]);
}

function windowUpdate(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return Buffer.concat([frameHeader(4, FRAME.windowUpdate, 0, 0), payload]);
}
