import { patient } from "@fanfare/testkit";
import fc from "fast-check";
import { type FuzzRawRequest, rawRequestsTo } from "./fuzz-raw-requests.js";
import { type FuzzRequest, requestsTo } from "./fuzz-requests.js";
import { createFuzzWorld, FOREIGN_TOKEN, type FuzzWorld } from "./fuzz-world.js";
import { describeRaw, type RawAnswer, sendRaw } from "./send-raw.js";

/**
 * Requests in all, half of them as a client makes them and half as only a socket can send them. What a failure prints is
 * made again, and its neighbours, by
 *
 *     FANFARE_FUZZ_RUNS=5100 FANFARE_SEED=20261124 npm run test:integration -- --testPathPatterns apps/api/test/fuzz
 */
const RUNS = Number(process.env.FANFARE_FUZZ_RUNS ?? 5_100);

/** What they are drawn from: the same seed makes the same requests. */
const SEED = Number(process.env.FANFARE_SEED ?? 20_261_124);

/** How long an answer may take, in milliseconds. */
const ANSWER_MS = patient(20_000);

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "QUERY"]);

let world: FuzzWorld;
beforeAll(async () => {
  world = await createFuzzWorld();
});
afterAll(() => world.api.close());

/** What came of all requests so far. */
const seen = {
  requests: 0,
  statuses: {} as Record<string, number>,
  routes: new Set<string>(),
  slowestMs: 0,
  slowest: "",
};

test(
  "whatever is asked of any route: no 5xx, no hang, nothing stored on an error, nothing of another account",
  async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest(), async (request) => {
        // A worker would have to answer for these credentials; what it does is tested where there is one.
        if (/\/Verify\b/.test(request.path) && world.ownIds.some((id) => request.path.includes(id))) return;
        const before = await world.fingerprint();
        const beganAt = performance.now();
        const answer = "target" in request ? await sendRaw(world.api.url, request, ANSWER_MS) : await ask(request);
        note(request, answer, performance.now() - beganAt);
        const isAsItWas = (await world.fingerprint()) === before;
        try {
          check(request, answer, isAsItWas);
        } catch (cause) {
          throw new Error(`${answer?.status} ${answer?.text.slice(0, 200)} to ${describe(request)}`, { cause });
        }
      }),
      {
        ...{ numRuns: RUNS, seed: SEED, endOnFailure: true },
        ...{ interruptAfterTimeLimit: patient(240_000), markInterruptAsFailure: true },
      },
    );
    report();
    if (RUNS >= 2_000) expect(seen.routes.size).toBe(world.operations.length);
    expect(world.api.log.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  },
  patient(300_000),
);

function anyRequest(): fc.Arbitrary<FuzzRequest | FuzzRawRequest> {
  // There is more to get wrong in a body.
  const weighted = world.operations.map((operation) => ({ operation, weight: operation.body ? 4 : 1 }));
  const ofClients = weighted.flatMap(({ operation, weight }) =>
    (["careful", "wild"] as const).map((mode) => ({ arbitrary: requestsTo(world, operation, mode), weight })),
  );
  const raw = weighted.map(({ operation, weight }) => ({ arbitrary: rawRequestsTo(world, operation), weight }));
  return fc.oneof(fc.oneof(...ofClients), fc.oneof(...raw));
}

async function ask({ operation, method, path, headers, body }: FuzzRequest): Promise<RawAnswer> {
  seen.routes.add(`${operation.method} ${operation.path}`);
  const signal = AbortSignal.timeout(ANSWER_MS);
  const res = await fetch(`${world.api.url}${path}`, { method, headers, signal, ...(body !== undefined && { body }) });
  const isStream = method === "GET" && res.ok && operation.path.endsWith("/Events");
  return {
    status: res.status,
    requestId: res.headers.get("x-request-id") ?? undefined,
    contentType: res.headers.get("content-type") ?? undefined,
    text: isStream ? await firstEvent(res) : await res.text(),
  };
}

function note(request: FuzzRequest | FuzzRawRequest, answer: RawAnswer | undefined, ms: number): void {
  const status = answer?.status ?? "closed";
  seen.requests++;
  seen.statuses[status] = (seen.statuses[status] ?? 0) + 1;
  if (ms <= seen.slowestMs) return;
  seen.slowestMs = ms;
  seen.slowest = describe(request).slice(0, 200);
}

function check(request: FuzzRequest | FuzzRawRequest, answer: RawAnswer | undefined, isAsItWas: boolean): void {
  const isDone = answer !== undefined && answer.status < 400;
  // What is refused, and what only reads, leaves everything as it was.
  if (!isDone || READS.has(request.method)) expect(isAsItWas).toBe(true);
  if (!answer) return;
  const { status, requestId, contentType, text } = answer;
  if (status >= 500) throw new Error(world.api.log.at(-1));
  expect(text).not.toContain(FOREIGN_TOKEN);
  if (isDone && !request.path.startsWith("/v1/Accounts")) {
    for (const id of world.foreignIds) expect(text).not.toContain(id);
  }
  // Also on what Node can not read as HTTP.
  expect(requestId).toBeDefined();
  if (isDone || request.method === "HEAD") return;
  // Bull Board speaks with its own pages only, and in its own form.
  if (request.path.startsWith("/admin/queues")) return;
  expect(contentType).toMatch(/^application\/problem\+json/);
  expect(JSON.parse(text)).toMatchObject({ status, requestId, code: expect.any(String), detail: expect.any(String) });
}

function describe(request: FuzzRequest | FuzzRawRequest): string {
  if ("target" in request) return describeRaw(request);
  const { method, path, headers, body } = request;
  return JSON.stringify({ method, path, headers, body });
}

function report(): void {
  const rssMb = Math.round(process.memoryUsage().rss / 1e6);
  process.stdout.write(
    `fuzz: ${seen.requests} requests, ${seen.routes.size} routes, answers by status ${JSON.stringify(seen.statuses)}, ` +
      `the slowest after ${Math.round(seen.slowestMs)} ms (${seen.slowest}), RSS ${rssMb} MB at the end\n`,
  );
}

async function firstEvent(res: Response): Promise<string> {
  // The answer to HEAD has none.
  if (!res.body) return "";
  const reader = (res.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return Buffer.from(value ?? []).toString();
}
