import { until } from "@fanfare/testkit";
import { tokensOf } from "../support/sends-in-flight.js";
import { COUNT, type WaitingInstallation } from "./installation.js";
import { sendByBoth } from "./send-by-both.js";

/** A place where requests wait on their way from a worker to its provider. */
export interface WaitingPlace {
  /** What they wait for. */
  title: string;
  provider: "APN" | "FCM";
  /** Has the workers send with the credential of an app before; absent: it is not proven, and only one request waits at the very place. */
  prove?(installation: WaitingInstallation, appName: string): Promise<void>;
  /** Has the next requests wait there. */
  bar(installation: WaitingInstallation): Promise<void>;
  /** Whether those of a send do. */
  isReached(installation: WaitingInstallation, name: string): Promise<boolean>;
  /** How long the provider takes over the one with this index, in milliseconds. */
  slowMs?(index: number): number;
}

/** As long as those that are in flight keep the others waiting, in milliseconds: longer than a worker needs to hear of a cancel. */
const SLOW_MS = 1_500;

/** Streams that a connection allows, and connections that a worker opens: so many are in flight. */
const MAX_STREAMS = 2;
const SESSIONS = 4;

const callsOf = async ({ stack }: WaitingInstallation, name: string) => (await tokensOf(stack, name)).length;

function aConnection(title: string, mode: "silent" | "refusing", isProven: boolean): WaitingPlace {
  let callersBefore = 0;
  return {
    title,
    provider: "APN",
    ...(isProven && { prove: (installation, appName) => sendByBoth(installation, "APN", appName) }),
    async bar({ deadEnd, lead }) {
      deadEnd.set(mode);
      callersBefore = deadEnd.callers();
      lead("dead end");
    },
    // Nobody connects before requests wait for it.
    isReached: async ({ deadEnd }) => deadEnd.callers() > callersBefore,
  };
}

/** The provider takes connections, and says nothing. */
export const SILENT_CONNECTION = aConnection("a connection, of a provider that says nothing", "silent", true);

/** The provider refuses connections: one request waits for a connection, and the others for what becomes of it. */
export const FIRST_CONNECTION = aConnection("the first connection, of a provider that refuses them", "refusing", false);

/** The provider allows few streams, and takes its time: after the first answer, which is the proof of the credential. */
export const FREE_STREAM: WaitingPlace = {
  title: "a free stream",
  provider: "APN",
  bar: ({ stack }) => stack.simulate("POST", "/faults", { provider: "APN", kind: "maxStreams", value: MAX_STREAMS }),
  isReached: async (installation, name) => (await callsOf(installation, name)) === 1 + MAX_STREAMS * SESSIONS,
  slowMs: (index) => (index === 0 ? 0 : SLOW_MS),
};

/** Until a credential is proven one request is in flight, and the others wait. */
export const PROOF: WaitingPlace = {
  title: "the proof of their credential",
  provider: "APN",
  bar: async () => undefined,
  isReached: async (installation, name) => (await callsOf(installation, name)) === 1,
  slowMs: (index) => (index === 0 ? SLOW_MS : 0),
};

/** How long access tokens live, in seconds. */
const SHORT_LIFE = 1;
const LONG_LIFE = 3_600;

/** The token has expired, and the token endpoint takes so long, once. */
export function accessToken(title: string, delayMs: number): WaitingPlace {
  return {
    title,
    provider: "FCM",
    async prove(installation, appName) {
      const live = (seconds: number) => installation.stack.simulate("PUT", "/access-token-lifetime", { seconds });
      await live(SHORT_LIFE);
      await sendByBoth(installation, "FCM", appName);
      await live(LONG_LIFE);
      const expiredAt = performance.now() + SHORT_LIFE * 1_000;
      await until(() => performance.now() > expiredAt);
    },
    bar: ({ stack }) => stack.simulate("POST", "/faults", { provider: "OAUTH", kind: "slow", delayMs, times: 1 }),
    isReached: async ({ stack }) => {
      const { faults } = (await (await fetch(`${stack.simulatorUrl}/faults`)).json()) as { faults: object[] };
      return faults.length === 0;
    },
  };
}

/** The recipients of a send that is to wait there. */
export function tokensFor({ slowMs = () => 0 }: WaitingPlace, name: string): string[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const ms = slowMs(index);
    return `${ms > 0 ? `slow-${ms}-` : ""}${name}-${index}`;
  });
}
