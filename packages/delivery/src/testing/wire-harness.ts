import type { PushReply, PushSession, SessionEnd, SessionEvents } from "../push-session.js";
import { type FramePeer, type FramePeerScript, startFramePeer } from "./frame-peer.js";
import type { ContractSessionOptions, OpenContractSession } from "./push-session-contract.js";
import { useTls } from "./use-tls.js";

type Goaway = Parameters<NonNullable<SessionEvents["onGoaway"]>>[0];

/**
 * An implementation may notice a breach at once, or by the answer to its PING that does not come. Not `patient`: a peer that says
 * nothing has this run out.
 */
export const QUICK_PING = { pingIdleMs: 200, pingTimeoutMs: 500 };

/** Sessions of an implementation to peers that a test scripts; both end with each test. To be made inside a `describe`. */
export function makeWireHarness(open: OpenContractSession) {
  const used = useTls();

  async function connect(script: FramePeerScript, options: Partial<ContractSessionOptions> = {}) {
    const peer: FramePeer = await startFramePeer(used.tls, script);
    used.afterwards(peer.close);
    const goaways: Goaway[] = [];
    const told = { changes: 0 };
    const ends: SessionEnd[] = [];
    const events: SessionEvents = {
      onChange: () => void told.changes++,
      onGoaway: (goaway) => void goaways.push(goaway),
      onEnd: (end) => void ends.push(end),
    };
    const session = await open({ origin: peer.origin, ca: used.tls.cert, ...options }, events);
    used.afterwards(() => session.destroy());
    const [connection] = peer.connections;
    if (!connection) throw new Error("The peer has no connection.");
    return { session, peer, connection, goaways, ends, told };
  }

  const send = (session: PushSession, body = "{}") =>
    new Promise<PushReply>((resolve) => {
      session.send({ path: "/3/device/x", headers: { "x-a": "b" }, body: Buffer.from(body) }, resolve);
    });
  const sendMany = (session: PushSession, count: number) => Array.from({ length: count }, () => send(session));
  const kinds = async (replies: Promise<PushReply>[]) => (await Promise.all(replies)).map(({ kind }) => kind);

  /** Sends, and writes down every settlement of each request: exactly one is right. */
  const sendCounted = (session: PushSession, count: number) => {
    const settled: string[][] = Array.from({ length: count }, () => []);
    for (const own of settled) {
      session.send({ path: "/", headers: {}, body: Buffer.alloc(0) }, ({ kind }) => own.push(kind));
    }
    return settled;
  };

  return { connect, send, sendMany, sendCounted, kinds };
}
