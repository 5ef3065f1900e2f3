import { startDeliveryWorker } from "@fanfare/delivery-worker";
import type { CredentialTypeOf } from "@fanfare/domain";
import type { Service } from "@fanfare/runtime";
import type { z } from "zod";
import { createApnsClient } from "./apns-client.js";
import { retiresConnection } from "./apns-outcome.js";
import type { configSchema } from "./config.js";
import { keepProviderToken } from "./keep-provider-token.js";
import { createProviderTokens, signingKeyOf } from "./provider-tokens.js";
import { verifyApnsCredential } from "./verify-apns-credential.js";

/** Starts delivering through APNs; everything it opens belongs to the service. */
export function startApnsWorker(service: Service, config: z.infer<typeof configSchema>) {
  const tokens = service.own(createProviderTokens(), (opened) => opened.close());
  const origins: Record<CredentialTypeOf<"APN">, string> = {
    APN: config.APNS_BASE_URL,
    APN_SANDBOX: config.APNS_SANDBOX_URL,
  };
  return startDeliveryWorker(service, config, {
    provider: "APN",
    origin: origins.APN,
    sessions: {
      maxSessions: config.APNS_SESSIONS,
      adapt: keepProviderToken,
      retireAfter: retiresConnection,
      // Apps that are signed with the same key share them: APNs wants one team a connection, and as few as will do.
      ownerOf({ content }) {
        const { keyId, teamId } = content;
        return { key: signingKeyOf(content), names: { teamId, keyId } };
      },
    },
    guard: { rateLimit: { perMinute: config.APNS_RATE_PER_MINUTE, rampSeconds: 0 } },
    clientFor(credential, { senderTo }) {
      const { resource: providerToken, release } = tokens.take(credential);
      const sender = senderTo(origins[credential.type]);
      return createApnsClient({ app: credential.content, providerToken, sender, onClose: async () => release() });
    },
    async verify(credential, { senderTo, isWanted }) {
      const { resource: providerToken, release } = tokens.take(credential);
      const { type, content } = credential;
      try {
        return await verifyApnsCredential({ content, providerToken, sender: senderTo(origins[type]), isWanted });
      } finally {
        release();
      }
    },
  });
}
