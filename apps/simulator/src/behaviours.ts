import { type Storm, stormFault } from "./storm.js";
import { decideByToken } from "./token-rules.js";

/** The providers that are simulated, as Fanfare's API spells them. */
export type Provider = "FCM" | "APN";

/** APNs runs twice: for apps from the store, and for those from Xcode. */
export type ApnsEnvironment = "production" | "sandbox";

/** A refusal in the provider's own form. */
export interface Refusal {
  kind: "refuse";
  status: number;
  code: string;
  headers?: Record<string, string>;
  /** Since when APNs knows the token as dead, for a 410: milliseconds since the epoch. Absent: since now. */
  timestampMs?: number;
  /** Of FCM's QUOTA_EXCEEDED: whose quota it was. Absent: FCM does not say. */
  quota?: "device" | "project";
  delayMs?: number;
}

/** What the simulator does with a request that its provider would take. */
export type Behaviour =
  | { kind: "accept"; delayMs?: number }
  | Refusal
  /** Accepts, and the answer comes byte by byte, with `delayMs` between them. */
  | { kind: "drip"; delayMs?: number }
  /** Takes the request and never answers. */
  | { kind: "silent"; delayMs?: number }
  /** Resets the stream after the request. */
  | { kind: "reset"; delayMs?: number }
  /** Resets it as one that was not processed. */
  | { kind: "refuseStream"; delayMs?: number }
  /** Cuts the connection. */
  | { kind: "destroy"; delayMs?: number }
  /** Answers with a front end's page, or with no body. */
  | { kind: "html" | "empty"; status: number; delayMs?: number }
  /** Answers, and resets the stream in the middle of the body: of a refusal, or below 300 of the acceptance. */
  | { kind: "cutBody"; status: number; code?: string; delayMs?: number }
  /** Says GOAWAY on the connection: this request is among those that are taken, or it is not. */
  | {
      kind: "goaway";
      lastStream: "received" | "before";
      errorCode?: number;
      reason?: string;
      delayMs?: number;
    };

/** A request to decide on. */
export interface Call {
  provider: Provider;
  token: string;
  /** Which call for this token it is, from 1. */
  call: number;
  /** Of an APNs request. */
  environment?: ApnsEnvironment;
}

/** How the received log names what was done. */
export function outcomeOf(behaviour: Behaviour): string {
  return behaviour.kind === "refuse" ? `${behaviour.status} ${behaviour.code}` : behaviour.kind;
}

/** A behaviour set at run time; it goes before the rules by token. */
export interface ScriptedBehaviour {
  provider?: Provider | undefined;
  token?: string | undefined;
  tokenPrefix?: string | undefined;
  behaviour: Behaviour;
  /** Requests that it is for; absent: all that match. */
  times?: number | undefined;
  /** How long it lasts, in milliseconds; absent: until it is taken away. */
  durationMs?: number | undefined;
}

/** Decides what becomes of a request. */
export interface Behaviours {
  decide(call: Call): Behaviour;
  script(behaviour: ScriptedBehaviour): void;
  scripted(): readonly ScriptedBehaviour[];
  /** Added to the answer of every request, in milliseconds: at least `min`, at most `max`. */
  setLatency(latency: { minMs: number; maxMs: number }): void;
  /** Lets requests meet a mix of faults; `undefined` ends it. */
  setStorm(storm: Storm | undefined): void;
  /** Counts a fault that was met elsewhere than in a single request. */
  countFault(kind: string): void;
  /** How often each fault was met; `delay` is an acceptance that took its time. */
  faults(): Readonly<Record<string, number>>;
  reset(): void;
}

/** Makes the table of behaviours of one simulator. */
export function createBehaviours(latencyMs: number): Behaviours {
  const initial = { minMs: latencyMs, maxMs: latencyMs };
  let latency = initial;
  let scripts: ScriptedBehaviour[] = [];
  let storm: Storm | undefined;
  const faults: Record<string, number> = {};
  const countFault = (kind: string) => {
    faults[kind] = (faults[kind] ?? 0) + 1;
  };

  function decideByScript({ provider, token }: Call): Behaviour | undefined {
    const found = scripts.find(
      (script) =>
        (script.provider ?? provider) === provider &&
        (script.token ?? token) === token &&
        token.startsWith(script.tokenPrefix ?? ""),
    );
    if (found?.times !== undefined) {
      found.times--;
      if (found.times === 0) scripts = scripts.filter((script) => script !== found);
    }
    return found?.behaviour;
  }

  return {
    decide(call) {
      const behaviour = decideByScript(call) ?? (storm && stormFault(storm, call)) ?? decideByToken(call);
      if (behaviour.kind !== "accept") countFault(behaviour.kind);
      else if (behaviour.delayMs) countFault("delay");
      if (latency.maxMs === 0 || behaviour.kind === "silent" || behaviour.kind === "drip") return behaviour;
      const extraMs = latency.minMs + Math.random() * (latency.maxMs - latency.minMs);
      return { ...behaviour, delayMs: (behaviour.delayMs ?? 0) + extraMs };
    },
    script({ durationMs, ...behaviour }) {
      const script = { ...behaviour };
      scripts.push(script);
      if (durationMs === undefined) return;
      setTimeout(() => {
        scripts = scripts.filter((other) => other !== script);
      }, durationMs).unref();
    },
    scripted: () => scripts,
    setLatency(to) {
      latency = to;
    },
    setStorm(to) {
      storm = to;
    },
    countFault,
    faults: () => faults,
    reset() {
      scripts = [];
      storm = undefined;
      latency = initial;
    },
  };
}
