import process from "node:process";
import { fileURLToPath } from "node:url";
import { startProcess } from "./child-process.mjs";
import { cpuMicros } from "./process-usage.mjs";

const MAIN = fileURLToPath(new URL("../yardsticks/prisma-route.mjs", import.meta.url));

/** Starts the route that a sustained rate is compared with. It lives as long as the scope. */
export async function startPrismaRoute(scope, databaseUrl) {
  const starting = startProcess(process.execPath, [MAIN], { env: { DATABASE_URL: databaseUrl } });
  const child = await scope.own(starting, (started) => started.stop());
  return { url: child.message.url, usage: () => cpuMicros(child.pid) };
}
