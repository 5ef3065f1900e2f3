import { notVerified, type RequestSender, verificationStopped, verifyByPush, whileWanted } from "@fanfare/delivery";
import { type CredentialPart, type FcmContent, unusableVerification, type Verification } from "@fanfare/domain";
import type { FcmAccessToken } from "./fcm-access-token.js";
import { sendPath } from "./fcm-client.js";
import { toFcmOutcome } from "./fcm-outcome.js";
import type { AccessTokenError } from "./oauth-exchange.js";

/** What a credential is probed with. */
export interface FcmProbe {
  content: FcmContent;
  accessToken: FcmAccessToken;
  sender: RequestSender;
  /** Whether the answer is still wanted: not by a worker that stops. */
  isWanted: () => boolean;
}

/** No app instance has it. `validate_only` makes sure that nothing is delivered whatever FCM thinks of it. */
const PROBE_BODY = Buffer.from(JSON.stringify({ validate_only: true, message: { token: "0".repeat(64) } }));

/** What each refusal makes suspect; Google answers 403 for a project that the account does not know as well. */
const WRONG_PARTS: Readonly<Record<string, CredentialPart[]>> = {
  UNAUTHENTICATED: ["key"],
  PERMISSION_DENIED: ["permission", "projectId"],
  NOT_FOUND: ["projectId"],
};

/** Asks Google for an access token and FCM what it thinks of a message to a token that can not exist. */
export async function verifyFcmCredential(probe: FcmProbe): Promise<Verification> {
  const { content, accessToken, sender, isWanted } = probe;
  let authorization: string | undefined;
  try {
    authorization = await whileWanted(accessToken.fetch(), isWanted);
  } catch (error) {
    return judgeTokenError(error as AccessTokenError);
  }
  if (authorization === undefined) return verificationStopped();
  const headers = { authorization, "content-type": "application/json" };
  const request = { path: sendPath(content.project_id), headers, body: PROBE_BODY, isWanted };
  return verifyByPush({ provider: "FCM", sender }, request, (reply) => judge(toFcmOutcome(reply, new Date())));
}

function judgeTokenError(error: AccessTokenError): Verification {
  if (error.unusable) return unusableVerification(error.unusable);
  if (error.retryable) return notVerified("NO_ACCESS_TOKEN", error.forSender.detail);
  return { status: "INVALID", wrong: ["key"], providerCode: error.oauthError ?? null, detail: error.message };
}

function judge(outcome: ReturnType<typeof toFcmOutcome>): Verification {
  // FCM looks at a message's fields after the service account and the project; that it does not always name the token as
  // the field does not matter here: the probe has no other.
  const isAboutToken =
    outcome.kind === "rejected" && (outcome.blame === "token" || outcome.code === "INVALID_ARGUMENT");
  if (outcome.kind === "accepted" || isAboutToken) {
    return {
      status: "VALID",
      wrong: [],
      providerCode: outcome.kind === "accepted" ? null : outcome.code,
      detail: "FCM took the service account, and found nothing wrong but the device token, which does not exist.",
    };
  }
  const { code, detail = "" } = outcome;
  const wrong = WRONG_PARTS[code];
  if (outcome.kind === "rejected" && wrong) return { status: "INVALID", wrong, providerCode: code, detail };
  return notVerified(code, detail);
}
