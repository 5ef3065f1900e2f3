import { setTimeout } from "node:timers/promises";
import { withClient } from "@fanfare/postgres";
import { queueBackends, until } from "@fanfare/testkit";
import { type RunningStack, runStack } from "./support/run-stack.js";
import { expectEachReached, recipientsInFlight } from "./support/sends-in-flight.js";

const path = "/v1/PushNotifications";

describe.each(queueBackends())("a Postgres that is read-only (queues on $name)", (backend) => {
  let stack: RunningStack;

  beforeAll(async () => {
    stack = await runStack({ backend, ownPostgres: true, env: { DATABASE_URL: "" } });
  });
  afterAll(() => stack?.close());

  const sql = (...statements: string[]) =>
    withClient(stack.databaseUrl, "test", async (client) => {
      await client.query("set session characteristics as transaction read write");
      for (const statement of statements) await client.query(statement);
    });
  /** Of connections that are open too, unless their role says otherwise: as of a master that is demoted. */
  const setReadOnly = (value: "on" | "off") =>
    sql(`alter system set default_transaction_read_only = ${value}`, "select pg_reload_conf()");

  async function send(name: string, count = 100) {
    const { operationId } = await stack.api.send({ to: recipientsInFlight(name, count), content: { title: name } });
    return { name, operationId, count };
  }
  const accepts = async (name: string) => {
    const body = { to: [{ provider: "FCM", token: name }], content: { title: name } };
    return (await stack.call("POST", path, body)).status === 202;
  };

  test("nothing is accepted meanwhile, what was goes on by itself", async () => {
    const before = await send("before");
    await expectEachReached(stack, before);
    const scheduled = await stack.api.send({
      to: [{ provider: "FCM", token: "due-meanwhile" }],
      content: { title: "x" },
      schedule: { sendAt: new Date(Date.now() + 2_000).toISOString() },
    });
    await setReadOnly("on");
    await until(async (see) => !see(await accepts("probe")));
    stack.log.length = 0;
    await setTimeout(3_000);
    expect(linesOf(stack)).toEqual(linesOf(stack).filter(([, lines]) => lines <= LINES_MAX));
    expect((await stack.call("GET", `${path}/Operations/${before.operationId}`)).status).toBe(200);
    await setReadOnly("off");
    await stack.completed(scheduled.operationId);
    await expectEachReached(stack, await send("after"));
  });

  test("a master that is demoted with its connections kept: they are made anew, which leads elsewhere, and work goes on", async () => {
    const under = await send("under-way", 2_000);
    // What is connected from now on may write: as through a name, or a proxy, that leads to the new master.
    await sql("alter role fanfare set default_transaction_read_only = off");
    await setReadOnly("on");
    const demotedAt = performance.now();
    await until(() => accepts("again"));
    process.stderr.write(
      `${backend.name}, demoted: accepted again after ${Math.round(performance.now() - demotedAt)} ms\n`,
    );
    await expectEachReached(stack, under);
    await expectEachReached(stack, await send("elsewhere"));
    process.stderr.write(
      `${backend.name}, demoted: all was sent after ${Math.round(performance.now() - demotedAt)} ms\n`,
    );
  });
});

/** Lines of a process in three seconds: each part of it that fails is told once, and then how often it did. */
const LINES_MAX = 12;

function linesOf(stack: RunningStack): [name: string, lines: number][] {
  return [...stack.apps.keys()].map((name) => [name, stack.log.filter((line) => line.startsWith(`${name} `)).length]);
}
