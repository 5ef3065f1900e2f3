import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a link does with what is sent over it. */
export type LinkMode =
  | { kind: "pass" }
  /** Each piece is held back for so long, in both directions. */
  | { kind: "delay"; delayMs: number }
  /**
   * Nothing comes through and nobody is told; all of it comes later. With `whoSays` only on the connections over which a request
   * comes from then on that contains it, from that request on.
   */
  | { kind: "stall"; whoSays?: string }
  /** Requests come through, answers are lost; who waits for them finds the connection reset when this ends. */
  | { kind: "loseAnswers" }
  /** All connections are reset, and new ones too. */
  | { kind: "cut" };

/** A link between two processes that can be made bad. */
export interface TcpProxy {
  port: number;
  /** Where connections go on to, on this machine. */
  pointTo(port: number): void;
  /** Has connections go on to a server on this machine; returns that one's URL by way of the proxy. */
  before(url: string): string;
  set(mode: LinkMode): void;
  /** Resets all connections, and new ones too, whatever its mode is, until it is opened again. */
  close(): void;
  open(): void;
  end(): void;
}

interface Pair {
  client: Socket;
  server: Socket;
  /** Has said what a stall waits for. */
  stalls?: boolean;
}

/** Starts a proxy on a free port. Whoever starts it ends it. */
export async function startTcpProxy(): Promise<TcpProxy> {
  let mode: LinkMode = { kind: "pass" };
  let targetPort = 0;
  let isClosed = false;
  let openGate: () => void = () => undefined;
  let gate = Promise.resolve();
  const pairs = new Set<Pair>();

  const end = ({ client, server }: Pair) => {
    client.destroy();
    server.destroy();
  };
  // Each socket once: Node 20 dies of a socket that is reset while it is being closed.
  const resetAll = () => {
    for (const pair of pairs) {
      pairs.delete(pair);
      if (!pair.client.destroyed) pair.client.resetAndDestroy();
      pair.server.destroy();
    }
  };

  async function relay(pair: Pair, isAnswer: boolean): Promise<void> {
    const [from, to] = isAnswer ? [pair.server, pair.client] : [pair.client, pair.server];
    for await (const chunk of from) {
      if (mode.kind === "delay") await new Promise((resolve) => setTimeout(resolve, delayMsOf(mode)));
      if (stallsOnly(mode) && !isAnswer) pair.stalls ||= (chunk as Buffer).includes(mode.whoSays);
      if (!stallsOnly(mode) || pair.stalls) await gate;
      if (mode.kind === "loseAnswers" && isAnswer) continue;
      if (!to.write(chunk as Buffer)) await once(to, "drain");
    }
    to.end();
  }

  const listener = createServer({ noDelay: true }, (client) => {
    client.on("error", () => undefined);
    if (mode.kind === "cut" || isClosed) return void client.resetAndDestroy();
    const server = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    const pair: Pair = { client, server };
    pairs.add(pair);
    server.on("error", () => undefined);
    // Either side may go away, as on a network; what it had sent still arrives.
    for (const socket of [client, server]) {
      socket.on("close", (hadError) => {
        pairs.delete(pair);
        if (hadError) end(pair);
      });
    }
    for (const relayed of [relay(pair, false), relay(pair, true)]) {
      relayed.catch(() => end(pair));
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");

  const { port: ownPort } = listener.address() as AddressInfo;
  return {
    port: ownPort,
    pointTo(port) {
      targetPort = port;
    },
    before(url) {
      const there = new URL(url);
      targetPort = Number(there.port);
      there.port = String(ownPort);
      return there.href;
    },
    set(next) {
      const lostAnswers = mode.kind === "loseAnswers" && next.kind !== "loseAnswers";
      mode = next;
      openGate();
      for (const pair of pairs) pair.stalls = false;
      if (next.kind === "stall") {
        gate = new Promise((resolve) => {
          openGate = resolve;
        });
      }
      if (next.kind === "cut" || lostAnswers) resetAll();
    },
    close() {
      isClosed = true;
      resetAll();
    },
    open() {
      isClosed = false;
    },
    end() {
      listener.close();
      openGate();
      for (const pair of pairs) end(pair);
    },
  };
}

const stallsOnly = (mode: LinkMode): mode is { kind: "stall"; whoSays: string } =>
  mode.kind === "stall" && mode.whoSays !== undefined;

const delayMsOf = (mode: LinkMode) => (mode.kind === "delay" ? mode.delayMs : 0);
