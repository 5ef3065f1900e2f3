import { type ClientTools, type CredentialOf, startDeliveryWorker } from "@fanfare/delivery-worker";
import type { Service } from "@fanfare/runtime";
import type { z } from "zod";
import type { configSchema } from "./config.js";
import { createFcmAccessToken } from "./fcm-access-token.js";
import { createFcmClient } from "./fcm-client.js";
import { verifyFcmCredential } from "./verify-fcm-credential.js";

/** They are about the APNs or web push key in the Firebase project: messages to Android go through. */
const OTHER_CREDENTIALS = ["THIRD_PARTY_AUTH_ERROR"];

/** FCM's limit of streams on a connection. */
const STREAMS_PER_SESSION = 100;

/** Starts delivering through FCM; everything it opens belongs to the service. */
export function startFcmWorker(service: Service, config: z.infer<typeof configSchema>) {
  const { FCM_BASE_URL: origin, FCM_SESSIONS: maxSessions } = config;
  const accessTokenOf = ({ content }: CredentialOf<"FCM">, { onUnrefreshed }: ClientTools) =>
    createFcmAccessToken({
      serviceAccount: content,
      tokenUrl: config.FCM_TOKEN_URL,
      ca: config.PROVIDER_CA_FILE,
      // Who needs one that is not there has it on the notification, and in the log.
      onError: (error, stillWorks) => stillWorks && onUnrefreshed(error),
    });
  return startDeliveryWorker(service, config, {
    provider: "FCM",
    origin,
    sessions: {
      maxSessions,
      ownerOf({ id, content: { project_id: projectId } }) {
        return { key: `${id} ${projectId}`, names: { projectId } };
      },
    },
    guard: {
      rateLimit: { perMinute: config.FCM_RATE_PER_MINUTE, rampSeconds: config.FCM_RAMP_SECONDS },
      ignoredCodes: OTHER_CREDENTIALS,
    },
    // With no more lines on their way than a credential has streams, none of them waits in line for one.
    windowSize: maxSessions * STREAMS_PER_SESSION,
    clientFor(credential, tools) {
      const { project_id: projectId, client_email: clientEmail } = credential.content;
      const accessToken = accessTokenOf(credential, tools);
      return createFcmClient({ projectId, clientEmail, accessToken, sender: tools.senderTo(origin) });
    },
    verify(credential, tools) {
      const { senderTo, isWanted } = tools;
      const accessToken = accessTokenOf(credential, tools);
      return verifyFcmCredential({ content: credential.content, accessToken, sender: senderTo(origin), isWanted });
    },
  });
}
