import type { Db } from "@fanfare/db";

/**
 * Has everybody who wants to change a table wait, until it is released; what is returned releases it. Reads go on: whoever
 * only looks at the table on the way to something else meets no lock.
 */
export async function lockTable(db: Db, table: string): Promise<() => Promise<void>> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let done: Promise<unknown> = Promise.resolve();
  await new Promise<void>((locked, failed) => {
    done = db.$transaction(
      async (tx) => {
        await tx.$executeRawUnsafe(`lock table ${table} in exclusive mode`);
        locked();
        await released;
      },
      { timeout: 600_000 },
    );
    done.catch(failed);
  });
  return async () => {
    release();
    await done;
  };
}
