import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A provider that can be reached, and can not be talked to. */
export interface DeadEnd {
  port: number;
  /** What becomes of those who connect: nobody answers them, or they are refused. */
  set(mode: "silent" | "refusing"): void;
  /** How many have connected so far, and have begun to speak if they could. */
  callers(): number;
  /** Ends the connections of those who still wait for an answer. */
  hangUp(): void;
  close(): void;
}

/** Listens on a free port. Whoever starts it closes it. */
export async function startDeadEnd(): Promise<DeadEnd> {
  const waiting = new Set<Socket>();
  let mode: "silent" | "refusing" = "silent";
  let callers = 0;
  const server = createServer((socket) => {
    // Whoever connects here gives up some time, and may do so with a reset.
    socket.on("error", () => undefined);
    if (mode === "refusing") {
      callers++;
      return void socket.resetAndDestroy();
    }
    waiting.add(socket);
    socket.once("data", () => callers++);
    socket.on("close", () => waiting.delete(socket));
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const hangUp = () => {
    for (const socket of waiting) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      mode = next;
    },
    callers: () => callers,
    hangUp,
    close() {
      server.close();
      hangUp();
    },
  };
}
