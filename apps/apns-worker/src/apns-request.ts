import { createHash } from "node:crypto";
import type { DeliverableOperation, PushRequest } from "@fanfare/delivery";
import {
  type ApnContent,
  type DeliveryLine,
  notificationUlids,
  notificationUuid,
  personalMessage,
} from "@fanfare/domain";
import { buildPayload, payloadLimitOf, pushTypeOf, topicOf } from "./apns-payload.js";

/** What a header field can carry unchanged (RFC 9110, section 5.5). */
const HEADER_TEXT = /^[!-~]([ -~]*[!-~])?$/;

/** The collapse id of a sender's key: other than ASCII is no text of a header, so that its SHA-256 stands for it, 64 bytes. */
function collapseIdOf(key: string): string {
  return HEADER_TEXT.test(key) ? key : createHash("sha256").update(key).digest("hex");
}

/** A request as it goes out, or the size of a payload that APNs would not take. */
export type BuiltApnsRequest =
  | { request: PushRequest; apnsId: string }
  | { tooLarge: { bytes: number; limit: number } };

/** Builds the requests of one operation; what its notifications share is built once. */
export interface ApnsRequestBuilder {
  /** `authorize` is asked for the provider token whenever the request goes out: a replaced one must not follow the new one. */
  build(line: DeliveryLine, authorize: () => string): BuiltApnsRequest;
}

/**
 * Prepares the requests of an operation (Apple, "Sending notification requests to APNs"). The notification's id is its
 * `apns-id`, so that a request that is sent again carries the same one, and its ULID is its collapse id unless the
 * sender gave one, so that the device shows it once.
 */
export function prepareApnsRequest(
  { id, message, expiresAt }: DeliverableOperation,
  app: Pick<ApnContent, "bundleId">,
): ApnsRequestBuilder {
  const type = pushTypeOf(message);
  const limit = payloadLimitOf(type);
  const ulid = notificationUlids(id);
  const shared = {
    "content-type": "application/json",
    "apns-topic": topicOf(app, type),
    "apns-push-type": type,
    // A background push of priority 10 is refused as BadPriority.
    "apns-priority": type === "background" || message.priority === "LOW" ? "5" : "10",
    // Until when APNs keeps it for an absent device, in seconds since the epoch; 0: it tries once and keeps nothing.
    "apns-expiration": String(message.ttl === 0 ? 0 : Math.floor(expiresAt.getTime() / 1_000)),
  };
  let sharedBody: Buffer | undefined;
  const buildShared = () => {
    sharedBody ??= buildPayload(message);
    return sharedBody;
  };

  return {
    build({ ordinal, token, rendered }, authorize) {
      const personal = personalMessage(message, rendered);
      const body = rendered ? buildPayload(personal) : buildShared();
      if (body.length > limit) return { tooLarge: { bytes: body.length, limit } };
      const apnsId = notificationUuid(id, ordinal);
      const own = {
        "apns-id": apnsId,
        "apns-collapse-id": personal.collapseKey === undefined ? ulid(ordinal) : collapseIdOf(personal.collapseKey),
      };
      const request = {
        path: `/3/device/${encodeURIComponent(token)}`,
        get headers() {
          return { authorization: authorize(), ...shared, ...own };
        },
        body,
      };
      return { request, apnsId };
    },
  };
}
