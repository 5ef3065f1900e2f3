import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { leakGuard, until } from "@fanfare/testkit";
import { createDrain } from "./drain-server.js";

leakGuard();

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function aServer(handle: (req: IncomingMessage, res: ServerResponse) => void = (_req, res) => void res.end("x")) {
  const server = createServer(handle);
  const drain = createDrain(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { server, drain, port };
}

/** A connection that the server knows of. */
async function rawConnection({ port, server }: { port: number; server: Server }, text = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  socket.write(text);
  await until(async () => (await promisify(server.getConnections.bind(server))()) === 1);
  return socket;
}

const never = new AbortController().signal;

test("a connection that was opened ahead and never used holds nothing up", async () => {
  const running = await aServer();
  await rawConnection(running);
  await running.drain(never);
});

test("what is being answered is answered, and the client is told to connect anew", async () => {
  let answer: (() => void) | undefined;
  const { drain, port } = await aServer((_req, res) => {
    answer = () => res.end("x");
  });
  const agent = new Agent({ keepAlive: true });
  const got = new Promise<IncomingMessage>((resolve) => get({ port, agent }, resolve));
  await until(() => answer);
  const drained = drain(never);
  answer?.();
  const res = await got;
  expect(res.resume().headers.connection).toBe("close");
  await drained;
  agent.destroy();
});

test("a client that goes on asking over a connection that is kept alive holds nothing up", async () => {
  const { drain, port } = await aServer();
  const agent = new Agent({ keepAlive: true });
  let answers = 0;
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      get({ port, agent }, (res) => res.resume().once("end", resolve)).once("error", reject);
    });
  const asking = (async () => {
    for (;;) {
      await ask();
      answers += 1;
    }
  })().catch(() => "refused");
  await until(() => answers > 10);
  await drain(never);
  expect(await asking).toBe("refused");
  agent.destroy();
});

test("a request that never comes to its end is cut off at the abort", async () => {
  const { server, drain, port } = await aServer();
  const connected = once(server, "connection") as Promise<[Socket]>;
  const socket = await rawConnection({ server, port }, "POST / HTTP/1.1\r\nContent-Le");
  const [received] = await connected;
  await until(() => received.bytesRead > 0);
  const abort = new AbortController();
  let ended = false;
  const drained = drain(abort.signal).then(() => {
    ended = true;
  });
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  expect(ended).toBe(false);
  abort.abort();
  await drained;
  await until(() => socket.destroyed);
});
