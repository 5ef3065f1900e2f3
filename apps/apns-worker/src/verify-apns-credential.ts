import { randomUUID } from "node:crypto";
import { notVerified, type RequestSender, verifyByPush } from "@fanfare/delivery";
import type { ApnContent, CredentialPart, Verification } from "@fanfare/domain";
import { toApnsOutcome } from "./apns-outcome.js";
import { buildPayload, topicOf } from "./apns-payload.js";
import type { ApnsProviderToken } from "./apns-token.js";

/** What a credential is probed with. */
export interface ApnsProbe {
  content: ApnContent;
  providerToken: ApnsProviderToken;
  sender: RequestSender;
  /** Whether the answer is still wanted: not by a worker that stops. */
  isWanted: () => boolean;
}

/** No device has it. APNs looks at the provider token and the topic first, and refuses the device token last. */
const IMPOSSIBLE_TOKEN = "0".repeat(64);

/** What each refusal makes suspect (Apple, "Handling notification responses from APNs"). */
const WRONG_PARTS: Readonly<Record<string, CredentialPart[]>> = {
  InvalidProviderToken: ["key", "keyId", "teamId"],
  Forbidden: ["key", "bundleId"],
  UnrelatedKeyIdInToken: ["keyId", "bundleId"],
  BadEnvironmentKeyInToken: ["environment"],
  BadEnvironmentKeyIdInToken: ["environment"],
  BadTopic: ["bundleId"],
  TopicDisallowed: ["bundleId"],
  DeviceTokenNotForTopic: ["bundleId"],
};

/** Asks APNs what it thinks of a credential, with a push that no device can get. */
export async function verifyApnsCredential(probe: ApnsProbe): Promise<Verification> {
  const { content, providerToken, sender, isWanted } = probe;
  const apnsId = randomUUID();
  const fields = {
    "content-type": "application/json",
    "apns-topic": topicOf(content, "background"),
    "apns-push-type": "background",
    "apns-priority": "5",
    "apns-expiration": "0",
    "apns-id": apnsId,
  };
  const request = {
    path: `/3/device/${IMPOSSIBLE_TOKEN}`,
    // One that waits must not go out with a token that is replaced meanwhile.
    get headers() {
      return { authorization: providerToken.authorization(), ...fields };
    },
    body: PROBE_PAYLOAD,
    isWanted,
  };
  return verifyByPush({ provider: "APN", sender }, request, (reply) => judge(toApnsOutcome(reply, apnsId, new Date())));
}

const PROBE_PAYLOAD = buildPayload({ content: { data: {} }, priority: "LOW", sound: null, ttl: 0 });

function judge(outcome: ReturnType<typeof toApnsOutcome>): Verification {
  if (outcome.kind === "accepted" || outcome.code === "BadDeviceToken") {
    return {
      status: "VALID",
      wrong: [],
      providerCode: outcome.kind === "accepted" ? null : outcome.code,
      detail: "APNs took the key and the topic, and found nothing wrong but the device token, which does not exist.",
    };
  }
  const { code, detail = "" } = outcome;
  const wrong = WRONG_PARTS[code];
  if (outcome.kind === "rejected" && wrong) return { status: "INVALID", wrong, providerCode: code, detail };
  return notVerified(code, detail);
}
