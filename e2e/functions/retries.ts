import { stack } from "./stack.js";

/** How long after the first call for a token the second one came, in milliseconds. */
async function waitedMs(token: string): Promise<number> {
  const [first, second] = (await stack.received(token)).map(({ at }) => Date.parse(at));
  return (second ?? Number.NaN) - (first ?? Number.NaN);
}

test("FCM that fails is come back to no sooner than after 10 seconds; a 429 and APNs are when they say, or soon", async () => {
  const prefixes = ["flaky-1-", "retryafter-2-", "reset-1-", "throttle-1-"];
  const to = ["FCM", "APN"].flatMap((provider) =>
    prefixes.map((prefix) => ({ provider, token: `${prefix}${provider}` })),
  );
  const { operationId } = await stack.api.send({ to, content: { title: "x" } });
  expect(await stack.completed(operationId)).toMatchObject({ total: 8, sent: 8, attempts: 16 });
  for (const failed of ["flaky-1-FCM", "retryafter-2-FCM", "reset-1-FCM"]) {
    expect(await waitedMs(failed)).toBeGreaterThanOrEqual(10_000);
  }
  expect(await waitedMs("throttle-1-FCM")).toBeGreaterThanOrEqual(1_000);
  expect(await waitedMs("throttle-1-APN")).toBeGreaterThanOrEqual(1_000);
  expect(await waitedMs("retryafter-2-APN")).toBeGreaterThanOrEqual(2_000);
  // They were in the same batches as those that wait longer, which hold them up no more than these say.
  for (const soon of ["throttle-1-FCM", "flaky-1-APN", "reset-1-APN"])
    expect(await waitedMs(soon)).toBeLessThan(10_000);
});

test("a Retry-After beyond all measure is the end of a notification, and holds up no batch", async () => {
  const absurd = ["9".repeat(17), "9".repeat(400), "Fri, 31 Dec 9999 23:59:59 GMT"];
  const to = absurd.flatMap((_value, index) =>
    ["FCM", "APN"].map((provider) => ({ provider, token: `absurd-${index}-${provider}` })),
  );
  for (const [index, value] of absurd.entries()) {
    const code = { FCM: "UNAVAILABLE", APN: "ServiceUnavailable" };
    for (const provider of ["FCM", "APN"] as const) {
      const behaviour = { kind: "refuse", status: 503, code: code[provider], headers: { "retry-after": value } };
      await stack.simulate("POST", "/behaviours", { provider, token: `absurd-${index}-${provider}`, behaviour });
    }
  }
  const beside = ["FCM", "APN"].map((provider) => ({ provider, token: `beside-absurd-${provider}` }));
  const { operationId } = await stack.api.send({ to: [...to, ...beside], content: { title: "x" } });
  expect(await stack.completed(operationId)).toMatchObject({ total: 8, failed: 6, sent: 2, attempts: 8 });
});
