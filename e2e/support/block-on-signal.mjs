// Given to workers with NODE_OPTIONS=--import: SIGUSR2 blocks the event loop for as long as BLOCK_MS says, as a bug or a
// garbage collection without end would. Nothing of the workers knows of it.
import process from "node:process";

if (process.argv[1]?.includes("-worker")) {
  process.on("SIGUSR2", () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(process.env.BLOCK_MS));
    process.stdout.write("unblocked\n");
  });
}
