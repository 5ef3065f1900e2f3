import { patient } from "@fanfare/testkit";
import type { PushReply, PushRequest } from "../push-session.js";
import { createSessionPool, type SessionPoolOptions } from "../session-pool.js";
import { type FramePeer, type FramePeerScript, type PeerConnection, startFramePeer } from "./frame-peer.js";
import type { ContractSessionOptions, OpenContractSession } from "./push-session-contract.js";
import { useTls } from "./use-tls.js";

type PoolOptions = Partial<Omit<SessionPoolOptions, "open">> & {
  session?: Partial<Omit<ContractSessionOptions, "origin" | "ca">>;
};

/** Pools of an implementation's sessions to peers that a test scripts; both end with each test. To be made inside a `describe`. */
export function makePoolHarness(open: OpenContractSession) {
  const used = useTls();

  async function poolTo(script: FramePeerScript, { session = {}, ...options }: PoolOptions = {}) {
    const peer: FramePeer = await startFramePeer(used.tls, script);
    used.afterwards(peer.close);
    const pool = createSessionPool({
      open: (events) => open({ origin: peer.origin, ca: used.tls.cert, ...session }, events),
      maxWaitMs: patient(10_000),
      ...options,
    });
    used.afterwards(() => pool.close());
    /** How often each request was settled: once is right. */
    const settlements: number[] = [];
    const send = (request: Partial<PushRequest> = {}) =>
      new Promise<PushReply>((resolve) => {
        const own = settlements.push(0) - 1;
        pool.send({ path: "/3/device/x", headers: {}, body: Buffer.from("{}"), ...request }, (reply) => {
          settlements[own] = (settlements[own] ?? 0) + 1;
          resolve(reply);
        });
      });
    const sendMany = (count: number) => Array.from({ length: count }, () => send());
    return { pool, peer, send, sendMany, settlements };
  }

  return { poolTo };
}

/** How many replies there are of each kind. */
export async function countKinds(replies: readonly Promise<PushReply>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of await Promise.all(replies)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** The times between the beginnings of connections, in milliseconds. */
export function gapsBetween(connections: readonly PeerConnection[]): number[] {
  return connections.slice(1).map(({ acceptedAt }, index) => acceptedAt - (connections[index]?.acceptedAt ?? 0));
}
