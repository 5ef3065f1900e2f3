import { randomUUID } from "node:crypto";
import http2 from "node:http2";
import { type ApnsEnvironment, type Behaviour, type Behaviours, outcomeOf } from "../behaviours.js";
import type { Customers } from "../customers.js";
import { takeStream, whenNotProcessed } from "../goaway.js";
import { payloadOf, type ReceivedLog, withoutCredential } from "../received-log.js";
import type { StreamLimits } from "../stream-limits.js";
import type { TlsIdentity } from "../tls-identity.js";
import { answerStream, isDelivered, type ProviderWords } from "../wire-faults.js";
import type { ConnectionState, ProviderTokenLimits } from "./provider-token.js";
import { type ApnsRequest, judgeApnsRequest, tokenOfPath } from "./rules.js";

/** What the APNs server is made of. */
export interface ApnsServerOptions {
  tls: Pick<TlsIdentity, "cert" | "key">;
  environment: ApnsEnvironment;
  customers: Customers;
  behaviours: Behaviours;
  received: ReceivedLog;
  providerTokenLimits: ProviderTokenLimits;
  streamLimits: StreamLimits;
  /** Requests at once on a connection that has authenticated. */
  maxStreams: number;
  /** Judge nothing, keep nothing but counts: for measuring senders. */
  acceptAll: boolean;
  /** Numbers the connections: across environments, no two have the same. */
  nextConnection: () => number;
}

type Connection = ConnectionState & { number: number; open?: boolean };

/** Makes the APNs server; the caller listens and closes. */
export function createApnsServer(options: ApnsServerOptions): http2.Http2SecureServer {
  const { tls, maxStreams, acceptAll, nextConnection, streamLimits } = options;
  const server = http2.createSecureServer({
    ...tls,
    // Apple: with a provider token one stream only, until a request with a valid token has succeeded.
    settings: { maxConcurrentStreams: acceptAll ? maxStreams : 1 },
    minVersion: "TLSv1.2",
  });
  const connections = new WeakMap<http2.Http2Session, Connection>();
  server.on("session", (session) => {
    connections.set(session, { number: nextConnection() });
    streamLimits.begin(session, acceptAll ? maxStreams : 1);
    // A sender that goes away is no fault of the server's.
    session.on("error", () => session.destroy());
  });
  const onStream = (
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    _flags: number,
    rawHeaders: string[],
  ) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => stream.destroy());
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const { session } = stream;
      const connection = session && connections.get(session);
      if (connection && takeStream(stream))
        handle(options, stream, { headers, rawHeaders, body: Buffer.concat(chunks) }, connection);
    });
  };
  server.on("stream", onStream);
  return server;
}

function handle(
  options: ApnsServerOptions,
  stream: http2.ServerHttp2Stream,
  request: ApnsRequest,
  connection: Connection,
): void {
  const { behaviours, received, environment, acceptAll } = options;
  const { headers } = request;
  const words = wordsOf(String(headers["apns-id"] ?? randomUUID()));
  const token = tokenOfPath(headers[":path"]) ?? "";
  const refusal = acceptAll ? undefined : judgeApnsRequest(request, options, connection);
  if (refusal) {
    const { status, reason: code } = refusal;
    keep(options, request, connection, { token, call: 0, outcome: `${status} ${code}` });
    answerStream(stream, { kind: "refuse", status, code }, words);
    return;
  }

  const call = received.countCall("APN", token);
  const behaviour: Behaviour = acceptAll
    ? { kind: "accept" }
    : behaviours.decide({ provider: "APN", token, call, environment });
  if (isDelivered(behaviour)) {
    received.countAccepted("APN", token);
    if (!acceptAll) afterAcceptance(options, stream, connection, token);
  }
  if (!acceptAll) keep(options, request, connection, { token, call, outcome: outcomeOf(behaviour) });
  answerStream(stream, behaviour, words);
}

function afterAcceptance(
  { received, streamLimits, maxStreams }: ApnsServerOptions,
  stream: http2.ServerHttp2Stream,
  connection: Connection,
  token: string,
): void {
  whenNotProcessed(stream, () => received.withdrawAccepted("APN", token));
  if (connection.open || !stream.session) return;
  connection.open = true;
  streamLimits.set(stream.session, maxStreams);
}

function keep(
  { received, environment }: ApnsServerOptions,
  { headers, body }: ApnsRequest,
  { number: connection }: Connection,
  decided: { token: string; call: number; outcome: string },
): void {
  const at = new Date().toISOString();
  const shown = withoutCredential(headers);
  received.keep({ at, provider: "APN", environment, ...decided, connection, headers: shown, payload: payloadOf(body) });
}

function wordsOf(apnsId: string): ProviderWords {
  return {
    accepted: () => ({ headers: { ":status": 200, "apns-id": apnsId }, body: "" }),
    refused: ({ status, code, headers, timestampMs = Date.now() }) => ({
      headers: { ":status": status, "apns-id": apnsId, "content-type": "application/json", ...headers },
      body: JSON.stringify(status === 410 ? { reason: code, timestamp: timestampMs } : { reason: code }),
    }),
    unavailable: "ServiceUnavailable",
  };
}
