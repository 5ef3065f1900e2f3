import type { Behaviour } from "../behaviours.js";
import { createFaultList, type Lasting } from "../fault-list.js";
import type { FcmAnswer } from "./errors.js";

/** Faults of Google's token endpoint. */
export type OauthFault = Lasting &
  (
    | { kind: "fail"; status: number; headers?: Record<string, string> | undefined }
    | { kind: "slow"; delayMs: number }
    | { kind: "html"; status: number }
  );

/** Makes the token endpoint misbehave. */
export interface OauthFaults {
  apply(fault: OauthFault): void;
  list(): OauthFault[];
  clear(): void;
  /** What the next request for a token meets; `undefined`: no fault. A fault without an answer leaves it to the endpoint. */
  meet(): { behaviour: Behaviour; answer?: FcmAnswer } | undefined;
}

/** Makes the faults of one token endpoint. */
export function createOauthFaults(countFault: (kind: string) => void): OauthFaults {
  const faults = createFaultList<OauthFault>({ countFault: (kind) => countFault(`oauth ${kind}`) });
  return {
    apply: (fault) => faults.add(fault),
    list: () => faults.list(),
    clear: () => faults.clear(),
    meet() {
      const fault = faults.take(() => true);
      switch (fault?.kind) {
        case undefined:
          return undefined;
        case "fail":
          return { behaviour: { kind: "accept" }, answer: failure(fault.status, fault.headers) };
        case "slow":
          return { behaviour: { kind: "accept", delayMs: fault.delayMs } };
        case "html":
          return { behaviour: fault, answer: failure(fault.status) };
      }
    },
  };
}

const failure = (status: number, headers: Record<string, string> = {}): FcmAnswer => ({
  status,
  headers,
  code: "internal_failure",
  body: { error: "internal_failure", error_description: "Backend Error" },
});
