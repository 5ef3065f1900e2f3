import {
  isUnsent,
  NOT_WANTED,
  type PreparedSend,
  type PushClient,
  type RequestSender,
  type SendResult,
  unsentRequest,
  whileWanted,
} from "@fanfare/delivery";
import type { DeliveryLine, DeliveryOutcome } from "@fanfare/domain";
import type { FcmAccessToken } from "./fcm-access-token.js";
import { type FcmMessageBuilder, prepareFcmMessage } from "./fcm-message.js";
import { toFcmOutcome } from "./fcm-outcome.js";
import type { AccessTokenError } from "./oauth-exchange.js";

/** What the FCM client of one credential is made of. */
export interface FcmClientOptions {
  projectId: string;
  /** The service account's, by which it is named where it is refused. */
  clientEmail?: string | undefined;
  accessToken: FcmAccessToken;
  /** Closing the client leaves it open. */
  sender: RequestSender;
}

/** Where messages of a project are sent. */
export function sendPath(projectId: string): string {
  return `/v1/projects/${encodeURIComponent(projectId)}/messages:send`;
}

/** Makes the delivery loop's client for FCM HTTP v1, with one credential. */
export function createFcmClient({ projectId, clientEmail, accessToken, sender }: FcmClientOptions): PushClient {
  const path = sendPath(projectId);

  function post({ build }: FcmMessageBuilder, { line, settle, isWanted }: Sending, authorization: string) {
    const built = build(line, new Date());
    if ("tooLarge" in built) return settle(unsendable(built.tooLarge));
    const { body } = built;
    const startedAt = new Date();
    const begun = performance.now();
    const headers = { authorization, "content-type": "application/json" };
    sender.send({ path, headers, body, isWanted }, (reply) => {
      if (isUnsent(reply)) return settle(unsentRequest(reply, "FCM"));
      const named = nameRefused(toFcmOutcome(reply, new Date()), { projectId, clientEmail });
      const outcome = withFreshToken(named, accessToken, authorization);
      settle({ kind: "attempted", outcome, startedAt, latencyMs: Math.round(performance.now() - begun) });
    });
  }

  return {
    prepare(operation): PreparedSend {
      const message = prepareFcmMessage(operation);
      return {
        send(line, settle, isWanted = () => true) {
          const sending = { line, settle, isWanted };
          const authorization = accessToken.current();
          if (authorization) return post(message, sending, authorization);
          const startedAt = new Date();
          whileWanted(accessToken.fetch(), isWanted).then(
            (fetched) => (fetched ? post(message, sending, fetched) : settle({ kind: "not-sent", code: NOT_WANTED })),
            (error: AccessTokenError) => settle(withoutAccessToken(error, startedAt, accessToken.askedToWaitMs())),
          );
        },
      };
    },
    close: async () => {},
  };
}

interface Sending {
  line: DeliveryLine;
  settle: (result: SendResult) => void;
  isWanted: () => boolean;
}

/** Of a refused credential, which project and service account it is about: they are no secrets, and the likeliest mistake. */
function nameRefused(
  outcome: DeliveryOutcome,
  { projectId, clientEmail }: Pick<FcmClientOptions, "projectId" | "clientEmail">,
): DeliveryOutcome {
  if (outcome.kind !== "rejected" || outcome.blame !== "credential") return outcome;
  const account = clientEmail === undefined ? "" : `, service account ${clientEmail}`;
  return { ...outcome, detail: `${outcome.detail ?? ""} (project ${projectId}${account})`.trim() };
}

function unsendable({ bytes, limit }: { bytes: number; limit: number }): SendResult {
  const detail = `The payload has ${bytes} bytes; FCM takes at most ${limit}.`;
  return { kind: "unsendable", code: "PAYLOAD_TOO_LARGE", detail };
}

/**
 * A refused access token is replaced once. Not after THIRD_PARTY_AUTH_ERROR, a 401 too: it is about another key, and another
 * access token would not help.
 */
function withFreshToken(outcome: DeliveryOutcome, accessToken: FcmAccessToken, authorization: string): DeliveryOutcome {
  if (outcome.kind !== "rejected" || outcome.blame !== "credential" || outcome.httpStatus !== 401) return outcome;
  if (outcome.code === "THIRD_PARTY_AUTH_ERROR") return outcome;
  if (!accessToken.refused(authorization)) return outcome;
  const { blame, ...rest } = outcome;
  return { ...rest, kind: "retry" };
}

/**
 * A refused service account is a refused send: it is on record, and tried again like any trouble with a credential. Otherwise
 * there is nothing to record, and no use in trying before the token endpoint wants to be asked again.
 */
function withoutAccessToken(
  { code, oauthError, unusable, message, advice: toDo, forSender: { detail, advice } }: AccessTokenError,
  startedAt: Date,
  retryAfterMs: number | undefined,
): SendResult {
  if (oauthError === undefined) {
    const asked = retryAfterMs === undefined ? {} : { retryAfterMs };
    const forOperator = { detail: message, advice: toDo };
    return { kind: "not-sent", code, detail, advice, forOperator, ...(unusable && { blame: "credential" }), ...asked };
  }
  const latencyMs = Date.now() - startedAt.getTime();
  return {
    kind: "attempted",
    outcome: { kind: "rejected", blame: "credential", code, detail, advice },
    startedAt,
    latencyMs,
  };
}
