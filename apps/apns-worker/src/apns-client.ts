import type { PreparedSend, PushClient, RequestSender } from "@fanfare/delivery";
import { toApnsOutcome } from "./apns-outcome.js";
import { APNS_PAYLOAD_MAX_BYTES, prepareApnsRequest } from "./apns-request.js";
import type { ApnsProviderToken } from "./apns-token.js";

/** What the APNs client is made of. */
export interface ApnsClientOptions {
  /** The app's bundle id. */
  topic: string;
  providerToken: ApnsProviderToken;
  sender: RequestSender;
}

/** Makes the delivery loop's client for APNs. Closing it closes its sender. */
export function createApnsClient({ topic, providerToken, sender }: ApnsClientOptions): PushClient {
  return {
    prepare(operation): PreparedSend {
      const requests = prepareApnsRequest(operation, topic);
      const { length } = requests.payload;
      if (length > APNS_PAYLOAD_MAX_BYTES) return unsendable(length);
      return {
        send(line, settle) {
          const { request, apnsId } = requests.build(line, providerToken.authorization());
          const startedAt = new Date();
          const begun = performance.now();
          sender.send(request, (reply) => {
            if (reply.kind === "not-processed") return settle({ kind: "not-sent", code: reply.code });
            const outcome = toApnsOutcome(reply, apnsId, new Date());
            if (outcome.kind === "retry" && outcome.code === "ExpiredProviderToken") providerToken.expired();
            settle({ kind: "attempted", outcome, startedAt, latencyMs: Math.round(performance.now() - begun) });
          });
        },
      };
    },
    close: () => sender.close(),
  };
}

function unsendable(bytes: number): PreparedSend {
  const detail = `The payload has ${bytes} bytes; APNs takes at most ${APNS_PAYLOAD_MAX_BYTES}.`;
  return { send: (_line, settle) => settle({ kind: "unsendable", code: "PAYLOAD_TOO_LARGE", detail }) };
}
