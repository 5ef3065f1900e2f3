import { UtcPool } from "@fanfare/postgres";
import type pg from "pg";

/** Between two tries to connect, in milliseconds. */
const RETRY_MS = 250;

/**
 * A pool for BullMQ. Its backend connects once when it begins, and remembers a failure for ever: a queue then takes no job any
 * more, and a worker fails in a loop that lets nothing else of the process run, not even its end. So whoever asks for a
 * connection of its own gets one, however long that takes; queries fail as soon as ever.
 */
export class PatientPool extends UtcPool {
  private givesUp = false;
  private readonly tellLoss = (error: Error) => void this.emit("error", error);

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Parameters<pg.Pool["connect"]>[0]): void;
  override connect(callback?: Parameters<pg.Pool["connect"]>[0]): Promise<pg.PoolClient> | undefined {
    if (!callback) return this.connectInTheEnd();
    super.connect(callback);
    return undefined;
  }

  /** From now on a connection that can not be made is refused: who waits for one is to end. */
  giveUp(): void {
    this.givesUp = true;
  }

  private async connectInTheEnd(): Promise<pg.PoolClient> {
    for (;;) {
      try {
        const client = await super.connect();
        // BullMQ does not listen: a connection that is lost under its first queries would end the process.
        client.removeListener("error", this.tellLoss).on("error", this.tellLoss);
        return client;
      } catch (error) {
        if (this.givesUp || this.ending) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}
