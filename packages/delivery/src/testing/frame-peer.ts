import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { createFrameReader, type Frame, FrameFlag, FrameType, frame, type HeaderField, headerBlock } from "./frames.js";

/** One connection of a client, as a peer sees it that writes its frames itself. */
export interface PeerConnection {
  readonly socket: Socket;
  /** When TLS was done, by `performance.now()`. */
  readonly acceptedAt: number;
  /** Ids of the streams whose request is here whole, in order. */
  readonly requests: number[];
  /** Streams open right now, and the most that ever were. */
  readonly open: Set<number>;
  mostOpen: number;
  /** Whether PINGs are answered. */
  answersPings: boolean;
  /** Whether the flow-control window is given back as data comes. */
  givesWindowBack: boolean;
  /** SETTINGS of the client's that acknowledge ours. */
  settingsAcks: number;
  /** PINGs of the client's. */
  pings: number;
  write(...frames: Buffer[]): void;
  answer(stream: number, status?: number, body?: string): void;
  goaway(lastStream: number, code?: number, debugData?: string): void;
  reset(stream: number, code: number): void;
  settings(values: Readonly<Record<number, number>>): void;
}

/** A server that speaks HTTP/2 frame by frame, as a test scripts it. */
export interface FramePeer {
  origin: string;
  connections: PeerConnection[];
  close(): Promise<void>;
}

/** What the peer does. */
export interface FramePeerScript {
  /** Its first SETTINGS: values by identifier (RFC 9113, section 6.5.2). */
  settings?: Readonly<Record<number, number>>;
  /** Called for each request that is here whole. */
  onRequest?: (connection: PeerConnection, stream: number) => void;
  /** Called for each connection when its SETTINGS are written. */
  onConnection?: (connection: PeerConnection) => void;
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** The largest last-stream-id: a GOAWAY that says "soon" (RFC 9113, section 6.8). */
export const MAX_STREAM = 2 ** 31 - 1;

/** Starts a peer, on a free port of localhost unless told otherwise. */
export async function startFramePeer(
  tls: { cert: string; key: string },
  script: FramePeerScript,
  { host = "localhost", port = 0 }: { host?: string; port?: number } = {},
): Promise<FramePeer> {
  const connections: PeerConnection[] = [];
  const server = createServer({ ...tls, ALPNProtocols: ["h2"] }, (socket) => {
    // One write, so that a client gets what `onConnection` writes in one packet with the SETTINGS.
    socket.cork();
    const connection = accept(socket, script);
    connections.push(connection);
    script.onConnection?.(connection);
    socket.uncork();
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    connections,
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function accept(socket: TLSSocket, { settings = {}, onRequest = () => undefined }: FramePeerScript): PeerConnection {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  const connection: PeerConnection = {
    ...{ socket, acceptedAt: performance.now(), requests: [], open: new Set(), mostOpen: 0, settingsAcks: 0, pings: 0 },
    ...{ answersPings: true, givesWindowBack: true },
    write: (...frames) => void (socket.writable && socket.write(Buffer.concat(frames))),
    answer(stream, status = 200, body = "") {
      const fields: HeaderField[] = [[":status", String(status)]];
      const flags = FrameFlag.END_HEADERS | (body === "" ? FrameFlag.END_STREAM : 0);
      const data = body === "" ? [] : [frame(FrameType.DATA, FrameFlag.END_STREAM, stream, Buffer.from(body))];
      connection.open.delete(stream);
      connection.write(frame(FrameType.HEADERS, flags, stream, headerBlock(fields)), ...data);
    },
    goaway(lastStream, code = 0, debugData = "") {
      const payload = Buffer.alloc(8);
      payload.writeUInt32BE(lastStream, 0);
      payload.writeUInt32BE(code, 4);
      connection.write(frame(FrameType.GOAWAY, 0, 0, Buffer.concat([payload, Buffer.from(debugData)])));
    },
    reset(stream, code) {
      const payload = Buffer.alloc(4);
      payload.writeUInt32BE(code);
      connection.open.delete(stream);
      connection.write(frame(FrameType.RST_STREAM, 0, stream, payload));
    },
    settings(values) {
      const entries = Object.entries(values).map(([id, value]) => {
        const entry = Buffer.alloc(6);
        entry.writeUInt16BE(Number(id), 0);
        entry.writeUInt32BE(value, 2);
        return entry;
      });
      connection.write(frame(FrameType.SETTINGS, 0, 0, Buffer.concat(entries)));
    },
  };
  connection.settings(settings);
  let preface = PREFACE.length;
  const read = createFrameReader((received) => receive(connection, received, onRequest));
  socket.on("data", (chunk: Buffer) => {
    const skipped = Math.min(preface, chunk.length);
    preface -= skipped;
    read(chunk.subarray(skipped));
  });
  return connection;
}

function receive(
  connection: PeerConnection,
  { type, flags, stream, payload }: Frame,
  onRequest: NonNullable<FramePeerScript["onRequest"]>,
): void {
  switch (type) {
    case FrameType.SETTINGS:
      if (flags & FrameFlag.ACK) connection.settingsAcks++;
      else connection.write(frame(FrameType.SETTINGS, FrameFlag.ACK, 0));
      return;
    case FrameType.PING:
      if (flags & FrameFlag.ACK) return;
      connection.pings++;
      if (connection.answersPings) {
        connection.write(frame(FrameType.PING, FrameFlag.ACK, 0, payload));
      }
      return;
    case FrameType.RST_STREAM:
      connection.open.delete(stream);
      return;
    case FrameType.HEADERS:
      connection.open.add(stream);
      connection.mostOpen = Math.max(connection.mostOpen, connection.open.size);
      break;
    case FrameType.DATA:
      if (connection.givesWindowBack && payload.length > 0) giveWindow(connection, stream, payload.length);
      break;
    default:
      return;
  }
  if (!(flags & FrameFlag.END_STREAM)) return;
  connection.requests.push(stream);
  onRequest(connection, stream);
}

/** Lets the client send so many more bytes, on a stream and on the connection. */
export function giveWindow(connection: PeerConnection, stream: number, bytes: number): void {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  const [ofConnection, ofStream] = [0, stream].map((id) => frame(FrameType.WINDOW_UPDATE, 0, id, payload));
  connection.write(ofConnection as Buffer, ofStream as Buffer);
}
