import { isUnsent, type PreparedSend, type PushClient, type RequestSender, unsentRequest } from "@fanfare/delivery";
import type { ApnContent, DeliveryOutcome } from "@fanfare/domain";
import { toApnsOutcome } from "./apns-outcome.js";
import { prepareApnsRequest } from "./apns-request.js";
import type { ApnsProviderToken } from "./apns-token.js";

/** What the APNs client of one credential is made of. */
export interface ApnsClientOptions {
  app: Pick<ApnContent, "bundleId">;
  providerToken: ApnsProviderToken;
  sender: RequestSender;
  /** Called by `close`: the sender may belong to several clients. */
  onClose: () => Promise<void>;
}

/** Makes the delivery loop's client for APNs, with one credential. */
export function createApnsClient({ app, providerToken, sender, onClose }: ApnsClientOptions): PushClient {
  return {
    prepare(operation): PreparedSend {
      const requests = prepareApnsRequest(operation, app);
      return {
        send(line, settle, isWanted) {
          let authorization = "";
          const authorize = () => {
            authorization = providerToken.authorization();
            return authorization;
          };
          const built = requests.build(line, authorize);
          if ("tooLarge" in built) {
            const { bytes, limit } = built.tooLarge;
            const detail = `The payload has ${bytes} bytes; APNs takes at most ${limit}.`;
            return settle({ kind: "unsendable", code: "PAYLOAD_TOO_LARGE", detail });
          }
          const startedAt = new Date();
          const begun = performance.now();
          const { request, apnsId } = built;
          request.isWanted = isWanted;
          sender.send(request, (reply) => {
            if (isUnsent(reply)) return settle(unsentRequest(reply, "APN"));
            const outcome = withFreshToken(toApnsOutcome(reply, apnsId, new Date()), providerToken, authorization);
            settle({ kind: "attempted", outcome, startedAt, latencyMs: Math.round(performance.now() - begun) });
          });
        },
      };
    },
    close: onClose,
  };
}

/** An expired provider token is replaced once: if a fresh one is refused too, no other would be taken. */
function withFreshToken(
  outcome: DeliveryOutcome,
  providerToken: ApnsProviderToken,
  authorization: string,
): DeliveryOutcome {
  if (outcome.kind !== "retry" || outcome.code !== "ExpiredProviderToken") return outcome;
  if (providerToken.expired(authorization)) return outcome;
  const detail = "APNs calls a fresh provider token expired: this machine's clock is probably behind.";
  return {
    ...outcome,
    kind: "rejected",
    blame: "credential",
    detail,
    advice: "Set the clock of the worker's machine.",
  };
}
