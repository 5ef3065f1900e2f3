import { rmSync } from "node:fs";
import process from "node:process";

export default async function teardown() {
  const servers = globalThis.fanfareTestServers;
  if (!servers) return;
  globalThis.fanfareTestServers = undefined;
  if (servers.formerTmpdir === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = servers.formerTmpdir;
  servers.redis?.stop();
  await servers.postgres.stop();
  servers.callOff();
  rmSync(servers.dir, { recursive: true, force: true });
}
