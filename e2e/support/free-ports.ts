import { type AddressInfo, createServer } from "node:net";

/** Free ports, fixed for the run: an app that is started again comes back where it was. */
export async function freePorts(...names: string[]): Promise<Record<string, string>> {
  const servers = names.map(() => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return Object.fromEntries(names.map((name, index) => [name, ports[index] as string]));
}
