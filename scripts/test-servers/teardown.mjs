import { rmSync } from "node:fs";

export default async function teardown() {
  const servers = globalThis.fanfareTestServers;
  if (!servers) return;
  globalThis.fanfareTestServers = undefined;
  servers.redis?.stop();
  await servers.postgres.stop();
  servers.callOff();
  rmSync(servers.dir, { recursive: true, force: true });
}
