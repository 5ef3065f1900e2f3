import { parseId } from "@fanfare/domain";
import { freePorts, startTcpProxy, type TcpProxy, until } from "@fanfare/testkit";
import { anApnContent, anFcmContent, knownToApple, knownToGoogle } from "../support/customers.js";
import { type DeadEnd, startDeadEnd } from "../support/dead-end.js";
import { holderPid } from "../support/holder-pid.js";
import { type RunningStack, runStack } from "../support/run-stack.js";

/** Fewer than a job carries: all of a send are in the hands of one worker. */
export const COUNT = 300;

const PROVIDERS = { "apns-worker": "SIMULATOR_APNS_PORT", "fcm-worker": "SIMULATOR_FCM_PORT" } as const;

/** An installation with two of each worker, each of which has a way of its own to its provider. */
export interface WaitingInstallation {
  stack: RunningStack;
  deadEnd: DeadEnd;
  /** Has the workers connect to nobody who would answer, or to their provider again. */
  lead(to: "dead end" | "provider"): void;
  /** Of a worker, by its name. */
  linkOf(worker: string): TcpProxy;
  /** Adds an app: no worker has a connection, an access token or a proof for its credential yet. Resolves with the credential's id. */
  addApp(provider: "APN" | "FCM", appName: string): Promise<string>;
  send(provider: "APN" | "FCM", appName: string, tokens: string[]): Promise<string>;
  /** The worker that has a send in hand, and the other one of its kind. */
  holderOf(operationId: string): Promise<{ holder: string; other: string }>;
  close(): Promise<void>;
}

/** Starts it. Whoever starts it closes it. */
export async function startWaitingInstallation(): Promise<WaitingInstallation> {
  const ports = await freePorts(...Object.values(PROVIDERS));
  const deadEnd = await startDeadEnd();
  const links = new Map<string, TcpProxy>();
  const appEnv: Record<string, Record<string, string>> = {};
  for (const kind of ["apns-worker", "fcm-worker"] as const) {
    for (const number of [1, 2]) {
      const link = await startTcpProxy();
      link.pointTo(Number(ports[PROVIDERS[kind]]));
      links.set(`${kind}-${number}`, link);
      const url = `https://localhost:${link.port}`;
      appEnv[`${kind}-${number}`] =
        kind === "apns-worker" ? { APNS_BASE_URL: url } : { FCM_BASE_URL: url, FCM_TOKEN_URL: `${url}/token` };
    }
  }
  const env = { ...ports, LEASE_MS: "3000", FCM_RAMP_SECONDS: "0", APPS_PER_ACCOUNT: "100" };
  const stack = await runStack({ workers: 2, env, appEnv });
  const linkOf = (worker: string) => {
    const link = links.get(worker);
    if (!link) throw new Error(`${worker} has no link.`);
    return link;
  };

  return {
    ...{ stack, deadEnd, linkOf },
    lead(to) {
      for (const [worker, link] of links) {
        link.set({ kind: "pass" });
        const kind = worker.startsWith("apns") ? "apns-worker" : "fcm-worker";
        link.pointTo(to === "provider" ? Number(ports[PROVIDERS[kind]]) : deadEnd.port);
        if (to === "provider") continue;
        // Those that are open are lost.
        link.close();
        link.open();
      }
      if (to === "provider") deadEnd.hangUp();
    },
    async addApp(provider, appName) {
      const content = provider === "APN" ? anApnContent() : anFcmContent();
      if ("keyId" in content) await knownToApple(stack, content);
      else await knownToGoogle(stack, content);
      const credential = { credentialType: provider, appName, content };
      const { status, body } = await stack.call("POST", "/v1/PushNotifications/Credentials", credential);
      expect([status, body]).toEqual([201, expect.anything()]);
      return body.resourceId as string;
    },
    async send(provider, appName, tokens) {
      const to = tokens.map((token) => ({ provider, token }));
      return (await stack.api.send({ to, content: { title: "x" }, from: { appName } })).operationId;
    },
    async holderOf(operationId) {
      const id = parseId("operation", operationId) as string;
      const holder = await until(async (see) => {
        const batches = see(
          await stack.db.deliveryBatch.findMany({ where: { operationId: id, leasedBy: { not: null } } }),
        );
        const pids = new Set(batches.map(({ leasedBy }) => holderPid(leasedBy)));
        if (pids.size > 1) throw new Error(`Several workers have ${operationId} in hand.`);
        return [...stack.apps].find(([, { pid }]) => pid !== undefined && pids.has(pid))?.[0];
      });
      return { holder, other: holder.endsWith("1") ? holder.replace(/1$/, "2") : holder.replace(/2$/, "1") };
    },
    async close() {
      try {
        await stack.close();
      } finally {
        for (const link of links.values()) link.end();
        deadEnd.close();
      }
    },
  };
}
