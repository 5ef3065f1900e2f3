import type { PreparedSend, PushClient, RequestSender, SendResult } from "@fanfare/delivery";
import type { DeliveryLine } from "@fanfare/domain";
import type { FcmAccessToken } from "./fcm-access-token.js";
import { FCM_PAYLOAD_MAX_BYTES, type FcmMessageBuilder, prepareFcmMessage } from "./fcm-message.js";
import { toFcmOutcome } from "./fcm-outcome.js";

/** What the FCM client is made of. */
export interface FcmClientOptions {
  projectId: string;
  accessToken: FcmAccessToken;
  sender: RequestSender;
}

/** Makes the delivery loop's client for FCM HTTP v1. Closing it closes its sender. */
export function createFcmClient({ projectId, accessToken, sender }: FcmClientOptions): PushClient {
  const path = `/v1/projects/${encodeURIComponent(projectId)}/messages:send`;

  function post(message: FcmMessageBuilder, line: DeliveryLine, authorization: string, settle: Settle): void {
    const startedAt = new Date();
    const begun = performance.now();
    const headers = { authorization, "content-type": "application/json" };
    sender.send({ path, headers, body: message.build(line, startedAt) }, (reply) => {
      if (reply.kind === "not-processed") return settle({ kind: "not-sent", code: reply.code });
      const outcome = toFcmOutcome(reply, new Date());
      // Not after THIRD_PARTY_AUTH_ERROR, a 401 too: it is about another key, and another access token would not help.
      if (outcome.kind === "rejected" && outcome.code === "UNAUTHENTICATED") accessToken.invalidate(authorization);
      settle({ kind: "attempted", outcome, startedAt, latencyMs: Math.round(performance.now() - begun) });
    });
  }

  return {
    prepare(operation): PreparedSend {
      const message = prepareFcmMessage(operation);
      if (message.payloadBytes > FCM_PAYLOAD_MAX_BYTES) return unsendable(message.payloadBytes);
      return {
        send(line, settle) {
          const authorization = accessToken.current();
          if (authorization) return post(message, line, authorization, settle);
          accessToken.fetch().then(
            (fetched) => post(message, line, fetched, settle),
            () => settle({ kind: "not-sent", code: "NO_ACCESS_TOKEN" }),
          );
        },
      };
    },
    close: () => sender.close(),
  };
}

type Settle = (result: SendResult) => void;

function unsendable(bytes: number): PreparedSend {
  const detail = `The payload has ${bytes} bytes; FCM takes at most ${FCM_PAYLOAD_MAX_BYTES}.`;
  return { send: (_line, settle) => settle({ kind: "unsendable", code: "PAYLOAD_TOO_LARGE", detail }) };
}
