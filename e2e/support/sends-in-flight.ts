import { parseId } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import type { RunningStack } from "./run-stack.js";

type PlannedRecipient = { provider: "FCM" | "APN"; token: string };

/**
 * Recipients of both providers, named so that no other test has them. Every other one of each is answered late:
 * from the first call on, for longer than any signal takes, pushes are in flight.
 */
export function recipientsInFlight(name: string, count: number): PlannedRecipient[] {
  return Array.from({ length: count }, (_, index) => {
    const provider = index % 2 === 0 ? "FCM" : "APN";
    const answeredLate = index % 4 < 2;
    return { provider, token: `${answeredLate ? "slow-1500-" : ""}${name}-${index}` };
  });
}

/** Sends to so many, and comes back while pushes to each of their providers are in flight. */
export async function sendInFlight(stack: RunningStack, name: string, to: PlannedRecipient[]): Promise<string> {
  const { operationId } = await stack.api.send({ to, content: { title: name } });
  const providers = new Set(to.map(({ provider }) => provider));
  await until(
    async (see) => {
      const called = (await tokensOf(stack, name)).filter(({ token }) => token.startsWith("slow-"));
      return see(new Set(called.map(({ provider }) => provider))).size === providers.size;
    },
    { describe: `The first pushes of ${name}` },
  );
  return operationId;
}

/** What the simulator counted of the tokens that were named so. */
export async function tokensOf(stack: RunningStack, name: string) {
  const tokens = await stack.tokens();
  return tokens.filter(({ token }) => token.replace(/^slow-\d+-/, "").startsWith(`${name}-`));
}

/** A send, and what its recipients were named. */
export interface NamedSend {
  name: string;
  operationId: string;
  count: number;
}

/**
 * Each was called once, and only once. Where a process had to wait for the machine since then, what it had in flight may lawfully
 * have been sent again: those are announced.
 *
 * @param since How long the log was when the test began.
 */
export async function expectEachOnce(stack: RunningStack, send: NamedSend, since: number): Promise<void> {
  const repeated = await expectEachReached(stack, send);
  if (stack.log.slice(since).some((line) => line.includes("The event loop was blocked"))) return;
  const { attempts } = (await stack.api.operation(send.operationId)).stats;
  const unneeded = await unneededAttempts(stack, send.operationId);
  expect({ repeated, unneeded, attempts }).toEqual({ repeated: 0, unneeded: [], attempts: send.count });
}

/** What is on record of a send beside one accepted attempt each. */
async function unneededAttempts(stack: RunningStack, operationId: string): Promise<object[]> {
  return stack.db.$queryRaw<object[]>`
    select provider, number, outcome, provider_code as code, may_repeat as "mayRepeat", count(*)::int,
      concat_ws(' to ', min(latency_ms), max(latency_ms)) as "latencyMs",
      concat_ws(' to ', min(started_at), max(started_at)) as "startedAt"
    from attempts
    where operation_id = ${parseId("operation", operationId)}::uuid and (number > 1 or outcome <> 'ACCEPTED')
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`;
}

/** Each was reached; who was reached more than once is announced, in the send's own attempts. Returns how many were. */
export async function expectEachReached(stack: RunningStack, { name, operationId, count }: NamedSend): Promise<number> {
  expect(await stack.completed(operationId)).toMatchObject({ total: count, recipients: count, sent: count });
  const reached = (await tokensOf(stack, name)).filter(({ accepted }) => accepted > 0);
  expect(reached).toHaveLength(count);
  const repeated = reached.filter(({ accepted }) => accepted > 1).map(({ token }) => token);
  expect(await unannounced(stack, operationId, repeated)).toEqual([]);
  return repeated.length;
}

/** What is on record of those of which no attempt says that it may repeat an earlier one. */
async function unannounced(stack: RunningStack, operationId: string, tokens: string[]): Promise<object[]> {
  return stack.db.$queryRaw<object[]>`
    select n.token, array_agg(concat(a.outcome, ' ', a.latency_ms, ' ms') order by a.number) as attempts
    from notifications n join attempts a using (operation_id, ordinal)
    where n.operation_id = ${parseId("operation", operationId)}::uuid
      and n.token in (select json_array_elements_text(${JSON.stringify(tokens)}::json))
    group by n.token having not bool_or(a.may_repeat)`;
}
