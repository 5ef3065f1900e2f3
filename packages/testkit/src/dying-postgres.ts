import { type AddressInfo, createServer } from "node:net";

/** `AuthenticationOk` and `ReadyForQuery`, as a server greets that trusts whoever comes. */
const GREETING = [message("R", Buffer.from([0, 0, 0, 0])), message("Z", Buffer.from("I"))];

/** What a server says on a connection that an administrator ends. */
const FAREWELL = message(
  "E",
  Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"),
);

/** A server that speaks just enough of Postgres's protocol to end every connection in the very packet that opens it. */
export async function startDyingPostgres(): Promise<{ url: string; close(): void }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.concat([...GREETING, FAREWELL])));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `postgres://anyone@127.0.0.1:${port}/any`, close: () => void server.close() };
}

/** Type, length of what follows (its own four bytes included), content. */
function message(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(type), length, content]);
}
