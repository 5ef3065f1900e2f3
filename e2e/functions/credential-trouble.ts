import { parseId } from "@fanfare/domain";
import { someRecipients, until } from "@fanfare/testkit";
import { anApnContent, anFcmContent, knownToApple, knownToGoogle } from "../support/customers.js";
import { stack } from "./stack.js";

const path = "/v1/PushNotifications";
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function addApp(appName: string, content: object, credentialType = "APN"): Promise<string> {
  const { body } = await stack.call("POST", `${path}/Credentials`, { credentialType, appName, content });
  return body.resourceId as string;
}

const apns = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({ provider: "APN", token: `${prefix}-${index}` }));

async function send(appName: string, to: object[]): Promise<string> {
  return (await stack.api.send({ to, content: { title: "x" }, from: { appName } })).operationId;
}

// What is counted later says the same again.
const logged = (text: string) => stack.log.filter((line) => line.includes(text) && !line.includes('"times":'));

/** Streams of all sessions together, as the simulator and the workers are set. */
const IN_FLIGHT = { APN: 4 * 1_000, FCM: 8 * 100 };

/** A credential that its provider takes, and how to have it refused and taken again. */
async function revocable(provider: "APN" | "FCM") {
  if (provider === "APN") {
    const content = anApnContent();
    await knownToApple(stack, content);
    const refuse = () => stack.simulate("DELETE", "/customers");
    return { content, refuse, mend: () => knownToApple(stack, content) };
  }
  const content = anFcmContent({ project_id: "revocable" });
  await knownToGoogle(stack, content);
  const refuse = () => knownToGoogle(stack, content, { allowed: false });
  return { content, refuse, mend: () => knownToGoogle(stack, content) };
}

async function refusedCalls(operationId: string): Promise<number> {
  const [row] = await stack.db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from attempts
    where operation_id = ${parseId("operation", operationId)}::uuid and blame = 'credential'`;
  return row?.count ?? 0;
}

async function connectionsOf(prefix: string): Promise<number> {
  const res = await fetch(`${stack.simulatorUrl}/received?limit=10000`);
  const { requests } = (await res.json()) as { requests: { token: string; connection: number; outcome: string }[] };
  const refused = requests.filter(({ token, outcome }) => token.startsWith(prefix) && outcome.startsWith("403"));
  return new Set(refused.map(({ connection }) => connection)).size;
}

describe("a credential that the provider refuses", () => {
  test("is paused within what was in flight, keeps its notifications queued, and resumes by itself", async () => {
    const content = anApnContent();
    await addApp("revoked", content);
    const pausedBefore = logged("it is paused").length;
    const resumedBefore = logged("takes the credential again").length;
    const operationId = await send("revoked", apns(3_000, "revoked"));
    await until(() => logged("it is paused").length > pausedBefore);
    const { inFlight } = JSON.parse(logged("it is paused").at(-1)?.replace(/^\S+ /, "") ?? "{}");
    await sleep(3_000);
    const { stats, status } = await stack.api.operation(operationId);
    expect([status, stats.failed, stats.undelivered]).toEqual(["PROCESSING", 0, 0]);
    expect(stats.queued).toBe(3_000);
    // What was in flight when the first refusal came, that refusal, and a probe now and then.
    process.stdout.write(`breaker: ${inFlight} calls were in flight, ${stats.attempts} were made in all\n`);
    expect(stats.attempts).toBeLessThanOrEqual(inFlight + 1 + 5);
    expect(inFlight).toBe(0);

    const elsewhere = await stack.api.send({ to: someRecipients(200), content: { title: "x" } });
    expect(await stack.completed(elsewhere.operationId)).toMatchObject({ sent: 200, attempts: 200 });

    await knownToApple(stack, content);
    expect(await stack.completed(operationId)).toMatchObject({ sent: 3_000, failed: 0 });
    expect(logged("takes the credential again").length).toBeGreaterThan(resumedBefore);
  });

  test.each(["APN", "FCM"] as const)(
    "%s: revoked in the middle of a send, no more calls go out than were in flight, and it goes on when it is mended",
    async (provider) => {
      const appName = `revoked_midway_${provider.toLowerCase()}`;
      const { content, refuse, mend } = await revocable(provider);
      await addApp(appName, content, provider);
      await stack.simulate("PUT", "/latency", { minMs: 100, maxMs: 100 });
      const tokens = Array.from({ length: 5_000 }, (_, index) => ({ provider, token: `${appName}-${index}` }));
      const operationId = await send(appName, tokens);
      await until(async () => (await stack.api.operation(operationId)).stats.sent > 500);
      const pausedBefore = logged("it is paused").length;
      await refuse();
      await until(() => logged("it is paused").length > pausedBefore);
      const firstRefusals = await refusedCalls(operationId);
      await sleep(3_000);
      const refusals = await refusedCalls(operationId);
      process.stdout.write(
        `breaker, ${provider}: ${firstRefusals} calls refused when it was paused, ${refusals} three seconds later, ${await connectionsOf(appName)} connections\n`,
      );
      // A connection's worth of APNs or FCM, and a probe now and then.
      expect(refusals).toBeLessThanOrEqual(IN_FLIGHT[provider] + 5);
      expect((await stack.api.operation(operationId)).stats.failed).toBe(0);
      await mend();
      expect(await stack.completed(operationId)).toMatchObject({ sent: 5_000, failed: 0 });
      await stack.simulate("PUT", "/latency", { minMs: 0, maxMs: 0 });
    },
  );

  test("resumes at once when it is replaced", async () => {
    const id = await addApp("replaced", anApnContent());
    const operationId = await send("replaced", apns(50, "replaced"));
    await until(async () => (await stack.api.operation(operationId)).stats.attempts > 0);
    const content = anApnContent();
    await knownToApple(stack, content);
    await stack.call("PATCH", `${path}/Credentials/${id}`, { content });
    expect(await stack.completed(operationId)).toMatchObject({ sent: 50, failed: 0 });
  });
});

test("when most of an app's tokens fail as bad, the credential is suspected and the tokens are kept", async () => {
  const content = anApnContent();
  await knownToApple(stack, content);
  await addApp("wrong_environment", content);
  const operationId = await send("wrong_environment", apns(300, "sandbox"));
  const stats = await stack.completed(operationId);
  expect(stats.failed).toBeGreaterThan(250);
  expect(stats.undelivered + stats.failed).toBe(300);
  const { body } = await stack.call("GET", `${path}/Operations/${operationId}/Errors`);
  expect(body.errors[0]).toMatchObject({ code: "CREDENTIAL_SUSPECTED", provider: "APN", count: stats.failed });
  const dead = async () => {
    const feed = await stack.call("GET", `${path}/InvalidTokens?pageSize=1000`);
    return feed.body.invalidTokens.filter(({ token }: { token: string }) => token.startsWith("sandbox-"));
  };
  await until(async () => (await dead()).length === 0);
  // Mended, the same tokens are sent to.
  const credentials = await stack.call("GET", `${path}/Apps/wrong_environment`);
  await stack.call("DELETE", `${path}/Credentials/${credentials.body.defaultCredentials[0].id}`);
  await stack.call("POST", `${path}/Credentials`, {
    ...{ credentialType: "APN_SANDBOX", appName: "wrong_environment", content },
  });
  const again = await send("wrong_environment", apns(300, "sandbox"));
  expect(await stack.completed(again)).toMatchObject({ sent: 300, unaddressable: 0 });
});

describe("what is done about an unknown outcome", () => {
  test("by default it is sent again, with the same id, marked", async () => {
    const { operationId } = await stack.api.send({
      to: [{ provider: "APN", token: "reset-1-again" }],
      content: { title: "x" },
    });
    const stats = await stack.completed(operationId);
    const [notification] = await stack.api.notifications(operationId, 1);
    const attempts = await stack.api.attempts(notification?.id ?? "");
    expect(attempts).toEqual([
      expect.objectContaining({ outcome: "UNKNOWN", mayRepeat: false }),
      expect.objectContaining({ outcome: "ACCEPTED", mayRepeat: true }),
    ]);
    expect(stats).toMatchObject({ sent: 1, attempts: 2 });
    const received = await stack.received("reset-1-again");
    expect(new Set(received.map(({ headers }) => headers["apns-id"])).size).toBe(1);
    expect(new Set(received.map(({ headers }) => headers["apns-collapse-id"])).size).toBe(1);
  });

  test("an app that wants nothing sent twice has it fail instead", async () => {
    const content = anApnContent();
    await knownToApple(stack, content);
    await addApp("once", content);
    const changed = await stack.call("PATCH", `${path}/Apps/once`, { onUnknown: "fail" });
    expect(changed.body).toMatchObject({ name: "once", onUnknown: "fail" });
    const operationId = await send("once", [{ provider: "APN", token: "reset-1-once" }]);
    expect(await stack.completed(operationId)).toMatchObject({ failed: 1, attempts: 1 });
    expect(await stack.received("reset-1-once")).toHaveLength(1);
  });
});
