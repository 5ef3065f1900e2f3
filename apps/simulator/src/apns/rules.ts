import { createPublicKey, type KeyObject } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http2";
import jwt from "jsonwebtoken";

/** A refusal as APNs words it. */
export interface ApnsRefusal {
  status: number;
  reason: string;
}

/** What a request is judged by. */
export interface ApnsRequest {
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The customer whose pushes are taken. */
export interface ApnsCustomer {
  keyId: string;
  teamId: string;
  topic: string;
  publicKey: KeyObject;
}

/** What a connection has seen; Apple's rules on provider tokens are per connection. */
export interface ConnectionState {
  authorization?: string;
  /** When the provider token was last changed, in milliseconds. */
  changedAt?: number;
}

const TOPIC_SUFFIXES: Record<string, string> = {
  voip: ".voip",
  complication: ".complication",
  fileprovider: ".pushkit.fileprovider",
  liveactivity: ".push-type.liveactivity",
  location: ".location-query",
  pushtotalk: ".voip-ptt",
};
const PUSH_TYPES = new Set(["alert", "background", "mdm", "controls", "widgets", ...Object.keys(TOPIC_SUFFIXES)]);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HOUR_MS = 3_600_000;
const TOKEN_UPDATE_MS = 20 * 60_000;

const text = (header: string | string[] | undefined) => (typeof header === "string" ? header : undefined);
const refusal = (status: number, reason: string): ApnsRefusal => ({ status, reason });

/** The device token in a path; `undefined` for another path. */
export function tokenOfPath(path: string | undefined): string | undefined {
  const match = /^\/3\/device\/([^/?]*)$/.exec(path ?? "");
  return match ? decodeURIComponent(match[1] ?? "") : undefined;
}

/**
 * Apple's rules of a request, in the order in which they are applied. Each one answers with the refusal, or with
 * nothing when it has no objection.
 */
const RULES: readonly ((request: ApnsRequest, customer: ApnsCustomer) => ApnsRefusal | undefined)[] = [
  ({ headers }) => (headers[":method"] === "POST" ? undefined : refusal(405, "MethodNotAllowed")),
  ({ headers }) => (tokenOfPath(headers[":path"]) === undefined ? refusal(404, "BadPath") : undefined),
  ({ headers }) => (tokenOfPath(headers[":path"]) === "" ? refusal(400, "MissingDeviceToken") : undefined),
  ({ headers }) => {
    const id = headers["apns-id"];
    return id === undefined || UUID.test(String(id)) ? undefined : refusal(400, "BadMessageId");
  },
  ({ headers }) => (headers["apns-topic"] === undefined ? refusal(400, "MissingTopic") : undefined),
  ({ headers }) => {
    const type = text(headers["apns-push-type"]);
    return type !== undefined && PUSH_TYPES.has(type) ? undefined : refusal(400, "InvalidPushType");
  },
  ({ headers }, { topic }) => {
    const expected = topic + (TOPIC_SUFFIXES[text(headers["apns-push-type"]) ?? ""] ?? "");
    return headers["apns-topic"] === expected ? undefined : refusal(400, "TopicDisallowed");
  },
  ({ headers }) => {
    const priority = headers["apns-priority"] ?? "10";
    const fits = headers["apns-push-type"] === "background" ? priority === "5" : /^(1|5|10)$/.test(String(priority));
    return fits ? undefined : refusal(400, "BadPriority");
  },
  ({ headers }) =>
    /^\d+$/.test(String(headers["apns-expiration"] ?? "0")) ? undefined : refusal(400, "BadExpirationDate"),
  ({ headers }) =>
    Buffer.byteLength(text(headers["apns-collapse-id"]) ?? "") > 64 ? refusal(400, "BadCollapseId") : undefined,
  ({ body }) => (body.length === 0 ? refusal(400, "PayloadEmpty") : undefined),
  ({ headers, body }) =>
    body.length > (headers["apns-push-type"] === "voip" ? 5_120 : 4_096) ? refusal(413, "PayloadTooLarge") : undefined,
  ({ body }) => (hasAps(body) ? undefined : refusal(400, "PayloadEmpty")),
];

/** The first objection to a request; `undefined` when APNs takes it. */
export function judgeApnsRequest(
  request: ApnsRequest,
  customer: ApnsCustomer,
  connection: ConnectionState,
): ApnsRefusal | undefined {
  return (
    judgeProviderToken(text(request.headers.authorization), customer, connection) ?? judgeFields(request, customer)
  );
}

function judgeFields(request: ApnsRequest, customer: ApnsCustomer): ApnsRefusal | undefined {
  for (const rule of RULES) {
    const objection = rule(request, customer);
    if (objection) return objection;
  }
  return undefined;
}

function judgeProviderToken(
  authorization: string | undefined,
  customer: ApnsCustomer,
  connection: ConnectionState,
): ApnsRefusal | undefined {
  if (authorization === undefined) return refusal(403, "MissingProviderToken");
  const changed = authorization !== connection.authorization;
  const verified = changed ? verify(authorization, customer) : readClaims(authorization);
  if (!verified) return refusal(403, "InvalidProviderToken");
  if (Date.now() - verified.iat * 1_000 > HOUR_MS) return refusal(403, "ExpiredProviderToken");
  if (!changed) return undefined;
  const { changedAt } = connection;
  if (changedAt !== undefined && Date.now() - changedAt < TOKEN_UPDATE_MS) {
    return refusal(429, "TooManyProviderTokenUpdates");
  }
  connection.authorization = authorization;
  connection.changedAt = Date.now();
  return undefined;
}

function verify(authorization: string, { publicKey, keyId, teamId }: ApnsCustomer): { iat: number } | undefined {
  const token = /^bearer (.+)$/i.exec(authorization)?.[1];
  try {
    const { header, payload } = jwt.verify(token ?? "", publicKey, { algorithms: ["ES256"], complete: true });
    if (header.kid !== keyId || typeof payload === "string") return undefined;
    return payload.iss === teamId && payload.iat !== undefined ? { iat: payload.iat } : undefined;
  } catch {
    // Not a token, or not signed with the customer's key.
    return undefined;
  }
}

// The connection saw this very token verified.
function readClaims(authorization: string): { iat: number } | undefined {
  const payload = jwt.decode(authorization.slice("bearer ".length));
  return payload && typeof payload !== "string" && payload.iat !== undefined ? { iat: payload.iat } : undefined;
}

function hasAps(body: Buffer): boolean {
  try {
    const payload: unknown = JSON.parse(body.toString());
    return typeof payload === "object" && payload !== null && "aps" in payload;
  } catch {
    return false;
  }
}

/** The customer of a generated key. */
export function apnsCustomer(privateKeyPem: string, names: Omit<ApnsCustomer, "publicKey">): ApnsCustomer {
  return { ...names, publicKey: createPublicKey(privateKeyPem) };
}
