/**
 * Ends a command whose reader has gone (`fanfare start | head`) as SIGTERM would, which `fanfare start` listens to: in order, and
 * without the error that writing to nobody is.
 */
export function endOnClosedOutput(): void {
  let ending = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // The second is a terminal's that was closed.
      if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
      if (ending) return;
      ending = true;
      process.kill(process.pid, "SIGTERM");
    });
  }
}
