import { z } from "zod";

/** Whose fault a rejection is: the device token's, the request's, or the credential's. */
export const blameSchema = z
  .enum(["token", "request", "credential"])
  .meta({ description: "Whose fault a rejection is: the device token's, the request's, or the credential's." });
/** See {@link blameSchema}. */
export type Blame = z.infer<typeof blameSchema>;

/** What the provider said, as far as it said anything; recorded with the attempt. */
interface ProviderAnswer {
  /** HTTP status of the answer; absent when none came. */
  httpStatus?: number;
  /** The provider's words, or ours where it had none. Shown to the sender, never decided upon. */
  detail?: string;
  /** What is to be done about it, where that is known: a sentence, told after `detail`. */
  advice?: string;
}

/** What one provider call came to. Every send ends in exactly one of these. */
export type DeliveryOutcome = ProviderAnswer &
  (
    | { kind: "accepted"; providerMessageId: string }
    | {
        kind: "rejected";
        blame: Blame;
        code: string;
        /** Since when the provider has known the token as dead, if it said so. */
        invalidatedAt?: Date;
        /** The app is gone from the device: no other credential would help. */
        tokenIsGone?: boolean;
        /** Most tokens of the credential are refused so: it is suspected instead of the token, and nothing is tried again. */
        credentialSuspected?: boolean;
        /** What the provider asked for in this answer, in milliseconds; so below. */
        retryAfterMs?: number;
      }
    | {
        kind: "retry";
        code: string;
        retryAfterMs?: number;
        /** The provider wants no retry sooner, and twice as long each time; milliseconds. */
        backoffMs?: number;
        /** The credential as a whole is asked to slow down, not this device alone. */
        throttlesCredential?: boolean;
      }
    /** The request left us and no answer came: it may have been delivered. */
    | { kind: "unknown"; code: string; backoffMs?: number }
  );

/** The same four outcomes as the API and the database spell them. */
export const attemptOutcomeSchema = z.enum(["ACCEPTED", "REJECTED", "RETRY", "UNKNOWN"]).meta({
  description:
    "`ACCEPTED`: the provider took it. `REJECTED`: the provider refused it, see `blame`. `RETRY`: it was not delivered, and trying again may help. `UNKNOWN`: no answer came, so that it may have been delivered.",
});
/** See {@link attemptOutcomeSchema}. */
export type AttemptOutcome = z.infer<typeof attemptOutcomeSchema>;

/** The recorded spelling of an outcome's kind. */
export const ATTEMPT_OUTCOMES = {
  accepted: "ACCEPTED",
  rejected: "REJECTED",
  retry: "RETRY",
  unknown: "UNKNOWN",
} as const satisfies Record<DeliveryOutcome["kind"], AttemptOutcome>;
