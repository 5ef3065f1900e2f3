import { piecesIn, until } from "@fanfare/testkit";
import { type RunningStack, runStack } from "./support/run-stack.js";

/** What no line may have: as the sender gave it, or a piece of it. */
const SECRETS = {
  title: "Zaubertitel-Quittung",
  body: "Vertraulicher-Befund-41",
  data: "Datenwert-Geheimnis-7",
  token: "geraet-marke-58291",
};

describe.each(["info", "trace"])("the workers' log at level %s", (level) => {
  let stack: RunningStack;
  beforeAll(async () => {
    stack = await runStack({ env: { LOG_LEVEL: level, LOG_FORMAT: "json", LEASE_MS: "3000" } });
  });
  afterAll(() => stack?.close());

  const linesWith = (text: string) => stack.log.filter((line) => line.includes(text));

  test("tells of operations and connections, and has nothing of what is sent", async () => {
    const { token, title, body, data } = SECRETS;
    const tokens = [`${token}-ok`, `dead-${token}`, `bad-${token}`];
    const to = tokens.flatMap((one) => [
      { provider: "FCM" as const, token: one },
      { provider: "APN" as const, token: one },
    ]);
    const content = { title, body, data: { value: data } };
    const { operationId } = await stack.api.send({ to, content });
    const unrenderable = await stack.api.send({
      to: [{ provider: "FCM", token: `${token}-render`, variables: { key: `${data}${"é".repeat(40)}` } }],
      content,
      collapseKey: "{{ key }}",
    });
    await stack.completed(operationId);
    await stack.completed(unrenderable.operationId);
    await until(() => linesWith("An operation is completed").length >= 2);
    for (const id of [operationId, unrenderable.operationId]) {
      expect(linesWith("An operation is completed").filter((line) => line.includes(id))).toHaveLength(1);
    }
    expect(linesWith("A connection to FCM is open")).not.toEqual([]);
    expect(linesWith("A connection to APNs is open")).not.toEqual([]);
    expect(linesWith("Delivers with these settings")).toHaveLength(2);
    const log = stack.log.join("\n");
    for (const secret of Object.values(SECRETS)) expect(piecesIn(log, secret)).toEqual([]);
  });

  test("what the database refuses to record is told, without the row", async () => {
    const { token, title } = SECRETS;
    const add = "alter table notifications add constraint no_more check (notifications is null) not valid";
    await stack.db.$executeRawUnsafe(add);
    const to = (["FCM", "APN"] as const).map((provider) => ({ provider, token: `${token}-kept` }));
    const { operationId } = await stack.api.send({ to, content: { title } });
    await until((see) => see(linesWith("no_more")).some((line) => line.includes('"level":50')));
    await stack.db.$executeRawUnsafe("alter table notifications drop constraint no_more");
    await stack.completed(operationId);
    for (const secret of Object.values(SECRETS)) expect(piecesIn(stack.log.join("\n"), secret)).toEqual([]);
  });
});
