import { randomUUID } from "node:crypto";
import http2 from "node:http2";
import type { Behaviour, Behaviours } from "../behaviours.js";
import type { ReceivedLog } from "../received-log.js";
import type { TlsIdentity } from "../tls-identity.js";
import { type ApnsCustomer, type ConnectionState, judgeApnsRequest, tokenOfPath } from "./rules.js";

/** What the APNs server is made of. */
export interface ApnsServerOptions {
  tls: Pick<TlsIdentity, "cert" | "key">;
  customer: ApnsCustomer;
  behaviours: Behaviours;
  received: ReceivedLog;
  /** Requests at once on a connection that has authenticated. */
  maxStreams: number;
  /** Judge nothing, keep nothing but counts: for measuring senders. */
  acceptAll: boolean;
}

/** Makes the APNs server; the caller listens and closes. */
export function createApnsServer(options: ApnsServerOptions): http2.Http2SecureServer {
  const { tls, maxStreams, acceptAll } = options;
  const server = http2.createSecureServer({
    ...tls,
    // Apple: with a provider token one stream only, until a request with a valid token has succeeded.
    settings: { maxConcurrentStreams: acceptAll ? maxStreams : 1 },
    minVersion: "TLSv1.2",
  });
  const connections = new WeakMap<http2.Http2Session, ConnectionState & { number: number; open?: boolean }>();
  let connectionCount = 0;
  server.on("session", (session) => {
    connections.set(session, { number: ++connectionCount });
    // A sender that goes away is no fault of the server's.
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => stream.destroy());
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const { session } = stream;
      const connection = session && connections.get(session);
      if (connection) handle(options, stream, headers, Buffer.concat(chunks), connection);
    });
  });
  return server;
}

function handle(
  options: ApnsServerOptions,
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  body: Buffer,
  connection: ConnectionState & { number: number; open?: boolean },
): void {
  const { behaviours, received, customer, acceptAll, maxStreams } = options;
  const apnsId = String(headers["apns-id"] ?? randomUUID());
  const refusal = acceptAll ? undefined : judgeApnsRequest({ headers, body }, customer, connection);
  if (refusal) {
    refuse(stream, apnsId, { kind: "refuse", status: refusal.status, code: refusal.reason });
    return;
  }

  const token = tokenOfPath(headers[":path"]) ?? "";
  const call = received.countCall("APN", token);
  const behaviour: Behaviour = acceptAll ? { kind: "accept" } : behaviours.decide("APN", token, call);
  if (behaviour.kind === "accept") {
    received.countAccepted("APN", token);
    if (!connection.open && !acceptAll) {
      connection.open = true;
      stream.session?.settings({ maxConcurrentStreams: maxStreams });
    }
  }
  if (!acceptAll) {
    const { authorization, ...shown } = headers;
    const payload: unknown = JSON.parse(body.toString());
    const outcome = behaviour.kind === "refuse" ? `${behaviour.status} ${behaviour.code}` : behaviour.kind;
    const at = new Date().toISOString();
    received.keep({
      at,
      provider: "APN",
      token,
      call,
      connection: connection.number,
      headers: shown,
      payload,
      outcome,
    });
  }
  answer(stream, apnsId, behaviour);
}

function answer(stream: http2.ServerHttp2Stream, apnsId: string, behaviour: Behaviour): void {
  if (behaviour.kind === "silent") return;
  const { delayMs } = behaviour;
  if (delayMs) {
    setTimeout(() => answer(stream, apnsId, { ...behaviour, delayMs: 0 }), delayMs);
    return;
  }
  if (stream.destroyed) return;
  if (behaviour.kind === "reset") stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  else if (behaviour.kind === "accept") stream.respond({ ":status": 200, "apns-id": apnsId }, { endStream: true });
  else refuse(stream, apnsId, behaviour);
}

function refuse(
  stream: http2.ServerHttp2Stream,
  apnsId: string,
  { status, code, headers }: Extract<Behaviour, { kind: "refuse" }>,
): void {
  stream.respond({ ":status": status, "apns-id": apnsId, "content-type": "application/json", ...headers });
  stream.end(JSON.stringify(status === 410 ? { reason: code, timestamp: Date.now() } : { reason: code }));
}
