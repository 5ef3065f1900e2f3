import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A socket whose answers go out in TCP segments of one byte each. TLS runs on top of it. */
export function oneByteSocket(socket: Socket): Duplex {
  // Or the kernel would join them.
  socket.setNoDelay(true);
  const slow = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => writeByte(chunk, 0, done),
    final: (done) => socket.end(done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  function writeByte(chunk: Buffer, at: number, done: (error?: Error | null) => void): void {
    if (at === chunk.length) {
      done();
      return;
    }
    socket.write(chunk.subarray(at, at + 1), (error) => (error ? done(error) : writeByte(chunk, at + 1, done)));
  }
  socket.on("data", (chunk) => slow.push(chunk) || socket.pause());
  socket.on("end", () => slow.push(null));
  socket.on("error", (error) => slow.destroy(error));
  socket.on("close", () => slow.destroy());
  return slow;
}
