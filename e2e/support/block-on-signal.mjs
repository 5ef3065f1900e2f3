// Given to workers with NODE_OPTIONS=--import: SIGUSR2 blocks the event loop for as long as BLOCK_MS says, as a bug or a
// garbage collection without end would. Nothing of the workers knows of it.
import process from "node:process";

if (process.argv[1]?.includes("-worker")) {
  process.on("SIGUSR2", () => {
    const end = performance.now() + Number(process.env.BLOCK_MS);
    while (performance.now() < end);
    process.stdout.write("unblocked\n");
  });
}
