import { freePort, until } from "@fanfare/testkit";
import { type RedisServer, startRedis } from "./start-redis.js";

/** A Redis Cluster of a test's own: three masters, and one replica of the one that has a given key. Whoever starts it ends it. */
export interface RedisCluster {
  /** As the setting names them: one that is not the key's first. */
  nodes: string[];
  servers: readonly RedisServer[];
  /** The master that has the key now. */
  owner(): Promise<RedisServer>;
  end(): Promise<void>;
}

const SLOTS = 16_384;

type Node = RedisServer & { busPort: number };

/** Starts a cluster, and waits until every node says that it is whole. */
export async function startRedisCluster(key: string): Promise<RedisCluster> {
  const servers = await Promise.all(Array.from({ length: 4 }, startNode));
  const [one, two, three, replica] = servers as [Node, Node, Node, Node];
  const masters = [one, two, three];
  const first = (index: number) => Math.floor((index * SLOTS) / masters.length);
  await Promise.all(
    masters.map(({ admin }, index) => admin.cluster("ADDSLOTSRANGE", first(index), first(index + 1) - 1)),
  );
  for (const { port, busPort } of servers.slice(1)) await one.admin.call("CLUSTER", "MEET", "127.0.0.1", port, busPort);
  const slot = Number(await one.admin.cluster("KEYSLOT", key));
  const owner = masters[Math.floor((slot * masters.length) / SLOTS)] ?? one;
  const ownerId = String(await owner.admin.call("CLUSTER", "MYID"));
  await until(() => replica.admin.call("CLUSTER", "REPLICATE", ownerId));
  const isWhole = async ({ admin }: RedisServer) =>
    /cluster_state:ok.*cluster_known_nodes:4/s.test(String(await admin.cluster("INFO")));
  await until(async () => (await Promise.all(servers.map(isWhole))).every(Boolean));
  await until(async () => (await replica.admin.info("replication")).includes("master_link_status:up"));
  return {
    nodes: servers.filter((server) => server !== owner).map(({ port }) => `127.0.0.1:${port}`),
    servers,
    async owner() {
      const [role] = await owner.admin.role();
      return role === "master" ? owner : replica;
    },
    end: async () => void (await Promise.all(servers.map((server) => server.end()))),
  };
}

async function startNode(): Promise<Node> {
  const busPort = await freePort();
  const server = await startRedis(
    ...["--cluster-enabled", "yes", "--cluster-port", String(busPort), "--cluster-node-timeout", "1000"],
  );
  return Object.assign(server, { busPort });
}
