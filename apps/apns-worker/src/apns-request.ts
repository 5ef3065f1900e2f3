import type { DeliverableOperation, PushRequest } from "@fanfare/delivery";
import {
  type ApnContent,
  apnsExpirationOf,
  collapseIdOf,
  type DeliveryLine,
  notificationUlids,
  notificationUuid,
  type PushMessage,
  type PushType,
  personalMessage,
  pushTypeOf,
} from "@fanfare/domain";
import { buildPayload, payloadLimitOf, topicOf } from "./apns-payload.js";

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
  const ulid = notificationUlids(id);
  const makeHeaders = (type: PushType) => ({
    "content-type": "application/json",
    "apns-topic": topicOf(app, type),
    "apns-push-type": type,
    // A background push of priority 10 is refused as BadPriority.
    "apns-priority": type === "background" || message.priority === "LOW" ? "5" : "10",
    "apns-expiration": apnsExpirationOf(message, expiresAt),
  });
  const headers = new Map<PushType, ReturnType<typeof makeHeaders>>();
  const headersOf = (type: PushType) => {
    const made = headers.get(type) ?? makeHeaders(type);
    headers.set(type, made);
    return made;
  };
  const prepare = (personal: PushMessage) => {
    const type = pushTypeOf(personal);
    const collapseId = personal.collapseKey === undefined ? undefined : collapseIdOf(personal.collapseKey);
    return { shared: headersOf(type), limit: payloadLimitOf(type), body: buildPayload(personal), collapseId };
  };
  let ofAll: ReturnType<typeof prepare> | undefined;
  const prepareForAll = () => {
    ofAll ??= prepare(message);
    return ofAll;
  };

  return {
    build({ ordinal, token, rendered }, authorize) {
      const prepared = rendered ? prepare(personalMessage(message, rendered)) : prepareForAll();
      const { shared, limit, body, collapseId } = prepared;
      if (body.length > limit) return { tooLarge: { bytes: body.length, limit } };
      const apnsId = notificationUuid(id, ordinal);
      const own = { "apns-id": apnsId, "apns-collapse-id": collapseId ?? ulid(ordinal) };
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
