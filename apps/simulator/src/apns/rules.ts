import type { IncomingHttpHeaders } from "node:http2";
import type { ApnsCustomer } from "../customers.js";
import { type ConnectionState, judgeProviderToken, type TokenStandards } from "./provider-token.js";
import { type ApnsRefusal, refusal } from "./refusal.js";

/** What a request is judged by. */
export interface ApnsRequest {
  headers: IncomingHttpHeaders;
  /** Names and values as they came, by turns: `headers` joins what is repeated. */
  rawHeaders: readonly string[];
  body: Buffer;
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
const UNREPEATABLE = new Set([
  "apns-topic",
  "apns-id",
  "apns-push-type",
  "apns-priority",
  "apns-expiration",
  "apns-collapse-id",
]);

const text = (header: string | string[] | undefined) => (typeof header === "string" ? header : undefined);

/** The device token in a path; `undefined` for another path. */
export function tokenOfPath(path: string | undefined): string | undefined {
  const match = /^\/3\/device\/([^/?]*)$/.exec(path ?? "");
  try {
    return match ? decodeURIComponent(match[1] ?? "") : undefined;
  } catch {
    // Percent signs that encode nothing.
    return undefined;
  }
}

/**
 * Apple's rules of a request, in the order in which they are applied. Each one answers with the refusal, or with
 * nothing when it has no objection.
 */
const RULES: readonly ((request: ApnsRequest, customer: ApnsCustomer) => ApnsRefusal | undefined)[] = [
  ({ headers }) => (headers[":method"] === "POST" ? undefined : refusal(405, "MethodNotAllowed")),
  ({ headers }) => (tokenOfPath(headers[":path"]) === undefined ? refusal(404, "BadPath") : undefined),
  ({ headers }) => (tokenOfPath(headers[":path"]) === "" ? refusal(400, "MissingDeviceToken") : undefined),
  ({ rawHeaders }) => (repeatsHeader(rawHeaders) ? refusal(400, "DuplicateHeaders") : undefined),
  ({ headers }) => {
    const id = headers["apns-id"];
    return id === undefined || UUID.test(String(id)) ? undefined : refusal(400, "BadMessageId");
  },
  ({ headers }) => (headers["apns-topic"] === undefined ? refusal(400, "MissingTopic") : undefined),
  ({ headers }) => {
    const type = text(headers["apns-push-type"]);
    return type !== undefined && PUSH_TYPES.has(type) ? undefined : refusal(400, "InvalidPushType");
  },
  ({ headers }, { topics }) => {
    const suffix = TOPIC_SUFFIXES[text(headers["apns-push-type"]) ?? ""] ?? "";
    const topic = text(headers["apns-topic"]) ?? "";
    const fits = topics ? topics.some((known) => topic === known + suffix) : topic.endsWith(suffix) && topic !== suffix;
    return fits ? undefined : refusal(400, "TopicDisallowed");
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
  ({ body }) => (apsOf(body) ? undefined : refusal(400, "PayloadEmpty")),
  ({ headers, body }) =>
    fitsPayload(text(headers["apns-push-type"]), apsOf(body) ?? {}) ? undefined : refusal(400, "InvalidPushType"),
];

/** The first objection to a request; `undefined` when APNs takes it. */
export function judgeApnsRequest(
  request: ApnsRequest,
  standards: TokenStandards,
  connection: ConnectionState,
): ApnsRefusal | undefined {
  const judged = judgeProviderToken(text(request.headers.authorization), standards, connection);
  return "customer" in judged ? judgeFields(request, judged.customer) : judged;
}

function judgeFields(request: ApnsRequest, customer: ApnsCustomer): ApnsRefusal | undefined {
  for (const rule of RULES) {
    const objection = rule(request, customer);
    if (objection) return objection;
  }
  return undefined;
}

function repeatsHeader(rawHeaders: readonly string[]): boolean {
  const names = rawHeaders.filter((header, index) => index % 2 === 0 && UNREPEATABLE.has(header.toLowerCase()));
  return new Set(names).size < names.length;
}

/** Apple's own part of a payload; `undefined` where there is none. */
function apsOf(body: Buffer): Record<string, unknown> | undefined {
  try {
    const payload: unknown = JSON.parse(body.toString());
    const hasAps = typeof payload === "object" && payload !== null && "aps" in payload;
    return hasAps ? Object(payload.aps) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a push is of the type that its header says: an alert interacts with the user by text, sound or badge; a background push does
 * not, and has `content-available` ("Pushing background updates to your App"). Apple drops others without a word; here they are
 * refused, so that one sees it.
 */
function fitsPayload(type: string | undefined, aps: Record<string, unknown>): boolean {
  const interacts = ["alert", "sound", "badge"].some((field) => aps[field] !== undefined && aps[field] !== null);
  if (type === "alert") return interacts;
  return type !== "background" || (!interacts && aps["content-available"] === 1);
}
