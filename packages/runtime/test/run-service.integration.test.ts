import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { leakGuard, until } from "@fanfare/testkit";

const runtime = fileURLToPath(new URL("../dist/index.js", import.meta.url));
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fanfare-service-"));
});
afterEach(() => rm(dir, { recursive: true }));
leakGuard();

interface Run {
  child: ChildProcess;
  output: () => string;
  exited: Promise<number | string | null>;
}

/** Runs a service in a process of its own; resolves once it is ready. */
async function run(build: string, options = "{}"): Promise<Run> {
  const file = join(dir, "service.mjs");
  await writeFile(
    file,
    `import { runService } from ${JSON.stringify(runtime)};
     await runService("test", async (service) => { ${build}; return {}; }, ${options});`,
  );
  const child = fork(file, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let output = "";
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) stream.on("data", (data) => (output += String(data)));
  // Not its `close`: Node emits none for a child that was disconnected from here.
  const ends = Promise.all(streams.map((stream) => once(stream, "close")));
  const exited = new Promise<number | string | null>((resolve) =>
    child.once("exit", (code, signal) => void ends.then(() => resolve(signal ?? code))),
  );
  const ready = new Promise((resolve) => child.once("message", resolve));
  await Promise.race([ready, exited]);
  return { child, output: () => output, exited };
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s: work stops, resources close last to first, and the exit code is 0",
  async (signal) => {
    const { child, output, exited } = await run(`
    service.own("first", () => console.log("closed first"));
    service.own("second", () => console.log("closed second"));
    service.onStop(async () => console.log("work stopped"));
    setInterval(() => {}, 1000)`);
    child.kill(signal);
    expect(await exited).toBe(0);
    expect(output().match(/work stopped|closed \w+/g)).toEqual(["work stopped", "closed second", "closed first"]);
  },
);

test("every resource is closed even if one can not be, and the exit code tells", async () => {
  const { child, output, exited } = await run(`
    service.own(1, () => console.log("closed anyway"));
    service.own(2, () => { throw new Error("stuck"); })`);
  child.kill("SIGTERM");
  expect(await exited).toBe(1);
  expect(output()).toContain("closed anyway");
  expect(output()).toContain("stuck");
});

test("work that does not end is aborted, and then the deadline ends the process with 1", async () => {
  const { child, output, exited } = await run(
    `service.signal.addEventListener("abort", () => console.log("aborted"));
     service.onStop(() => new Promise(() => setInterval(() => {}, 1000)))`,
    "{ abortAfterMs: 50, shutdownDeadlineMs: 200 }",
  );
  child.kill("SIGTERM");
  expect(await exited).toBe(1);
  expect(output()).toContain("aborted");
  expect(output()).toContain("Did not stop in time");
});

test("work that waits for what never comes does not pass for a clean stop", async () => {
  const { child, output, exited } = await run(
    "service.onStop(() => new Promise(() => {}))",
    "{ abortAfterMs: 50, shutdownDeadlineMs: 200 }",
  );
  // Nothing but the deadline is left to keep the process running.
  child.disconnect();
  expect(await exited).toBe(1);
  expect(output()).toContain("Did not stop in time");
});

test("what closes slowly is told to abort too", async () => {
  const { child, output, exited } = await run(
    `service.own(1, () => new Promise((done) => service.signal.addEventListener("abort", () => {
       console.log("aborted"); done(); })));
     setInterval(() => {}, 1000)`,
    "{ abortAfterMs: 50, shutdownDeadlineMs: 20_000 }",
  );
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output()).toContain("aborted");
});

test("a service asked to stop while it starts closes what it opens meanwhile, and is never ready", async () => {
  const { output, exited } = await run(`
    let finish;
    const finished = new Promise((done) => { finish = done; });
    service.own(1, () => finished);
    const stopping = new Promise((begun) => service.stopping.addEventListener("abort", begun));
    process.kill(process.pid, "SIGTERM");
    await stopping;
    service.own(2, () => console.log("closed the late one"));
    finish()`);
  expect(await exited).toBe(0);
  expect(output()).toContain("closed the late one");
  expect(output()).not.toContain("Ready");
});

test.each([
  ["{ inFlightMs: 300, abortAfterMs: 200 }", "inFlightMs (300) must be less than abortAfterMs (200)"],
  ["{ abortAfterMs: 200, shutdownDeadlineMs: 100 }", "abortAfterMs (200) must be less than shutdownDeadlineMs (100)"],
  ["{ shutdownDeadlineMs: 30_000 }", "shutdownDeadlineMs (30000) must be less than graceMs (30000)"],
])("a budget one stage of which does not fit into the next is refused at boot: %s", async (budget, problem) => {
  const { output, exited } = await run("", budget);
  expect(await exited).toBe(1);
  expect(output()).toContain(problem);
});

test("that a stop has begun is told at once, before the abort", async () => {
  const { child, output, exited } = await run(`
    service.stopping.addEventListener("abort", () => console.log("begun", service.signal.aborted));
    setInterval(() => {}, 1000)`);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output()).toContain("begun false");
});

test("what is lost is told with its number and is no clean stop; what was lost and is not any more is", async () => {
  const { child, output, exited } = await run(`
    let waiting = 3;
    service.countLost("letters were not sent", () => 7);
    service.countLost("parcels were not sent", () => waiting);
    service.onStop(async () => { waiting = 0; });
    setInterval(() => {}, 1000)`);
  child.kill("SIGTERM");
  expect(await exited).toBe(1);
  expect(output()).toMatch(/"lost":7,"msg":"7 letters were not sent"[\s\S]*"Stopped"/);
  expect(output()).not.toContain("parcels");
});

test("what is lost at the deadline is told", async () => {
  const { child, output, exited } = await run(
    `service.countLost("letters were not sent", () => 7);
     service.onStop(() => new Promise(() => {}))`,
    "{ abortAfterMs: 50, shutdownDeadlineMs: 200 }",
  );
  child.disconnect();
  expect(await exited).toBe(1);
  expect(output()).toMatch(/Did not stop in time[\s\S]*7 letters were not sent/);
});

test("work that waits for a server that says nothing is left, once nothing of it is in hand", async () => {
  const { child, output, exited } = await run(`
    const never = () => new Promise(() => {});
    let looks = 3;
    service.own(1, () => console.log("closed", looks));
    service.onStop(never, { ping: never, inHand: () => looks > 0 ? looks-- : 0 });
    setInterval(() => {}, 1000)`);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output()).toMatch(/A server says nothing[\s\S]*closed 0/);
});

test("a second signal ends the process at once", async () => {
  const { child, output, exited } = await run("service.onStop(() => new Promise(() => setInterval(() => {}, 1000)))");
  child.kill("SIGTERM");
  await until(() => output().includes("Stopping"));
  child.kill("SIGTERM");
  expect(await exited).toBe(1);
});

test("a process whose parent goes away stops by itself", async () => {
  const { child, output, exited } = await run(
    "service.own(1, () => console.log('closed')); setInterval(() => {}, 1000)",
  );
  child.disconnect();
  expect(await exited).toBe(0);
  expect(output()).toContain("closed");
});

test("a signal that comes after the parent went away does not cut short what is in flight", async () => {
  const { child, output, exited } = await run(
    "service.onStop(() => new Promise((done) => process.once('SIGTERM', () => setTimeout(done, 100))))",
  );
  child.disconnect();
  await until(() => output().includes("Stopping"));
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
});

test("a service that can not start says why, closes what it had opened, and exits with 1", async () => {
  const { output, exited } = await run("service.own(1, () => console.log('closed')); throw new Error('no database')");
  expect(await exited).toBe(1);
  expect(output()).toContain("no database");
  expect(output()).toContain("closed");
});

test("an exception that nobody caught ends the process with 1", async () => {
  const { exited, output } = await run("setTimeout(() => { throw new Error('a bug'); }, 10)");
  expect(await exited).toBe(1);
  expect(output()).toContain("a bug");
});

test("a part that is broken ends the process with 1, once what is in flight has come to its end", async () => {
  const { output, exited } = await run(`
    service.onStop(() => new Promise((done) => setTimeout(() => { console.log("drained"); done(); }, 50)));
    service.own(1, () => console.log("closed"));
    setTimeout(() => service.fail(new Error("it did not begin")), 10)`);
  expect(await exited).toBe(1);
  expect(output()).toMatch(/it did not begin[\s\S]*drained[\s\S]*closed[\s\S]*"Stopped"/);
});

test("readiness is gone as soon as the service is stopping, while health still answers", async () => {
  const { child, output, exited } = await run(`
    await service.serveHealth(0, "127.0.0.1", "loopback");
    service.onStop(() => new Promise((done) => process.once("message", done)))`);
  const port = /"port":(\d+)/.exec(output())?.[1];
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  expect((await get("/readyz")).status).toBe(200);
  child.kill("SIGTERM");
  await until(() => output().includes("Stopping"));
  const readiness = await get("/readyz");
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({ checks: { lifecycle: { detail: "stopping" } } });
  expect((await get("/healthz")).status).toBe(200);
  child.send("finish");
  expect(await exited).toBe(0);
});

test("health answers, readiness names what is missing, and a wrong path is a 404", async () => {
  const { child, output, exited } = await run(`
    service.readyWhen({ good: async () => {}, bad: async () => { throw new Error("is away"); } });
    await service.serveHealth(0, "127.0.0.1", "loopback")`);
  const port = /"port":(\d+)/.exec(output())?.[1];
  const get = async (path: string) => {
    const res = await fetch(`http://127.0.0.1:${port}${path}`);
    const { headers } = res;
    expect([headers.get("cache-control"), headers.get("x-powered-by")]).toEqual(["no-store", null]);
    return { status: res.status, body: (await res.json()) as unknown };
  };
  expect(await get("/healthz")).toEqual({ status: 200, body: { status: "ok", checks: {} } });
  expect(await get("/readyz")).toEqual({
    status: 503,
    body: { status: "unavailable", checks: { good: { ok: true }, bad: { ok: false, detail: "is away" } } },
  });
  expect((await get("/other")).status).toBe(404);
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
});

test("what an operator can mend is one line without a stack, and the parent is told the sentence", async () => {
  const file = join(dir, "service.mjs");
  const build = `throw new StartError("Set PORT to another port.", { mayHeal: false })`;
  await writeFile(
    file,
    `import { runService, StartError } from ${JSON.stringify(runtime)};
     await runService("test", async () => { ${build}; });`,
  );
  const child = fork(file, { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let output = "";
  child.stdout?.on("data", (data) => (output += String(data)));
  const messages: unknown[] = [];
  child.on("message", (message) => messages.push(message));
  const [code] = await once(child, "close");
  expect(code).toBe(78);
  expect(messages).toEqual([{ failed: "Set PORT to another port." }]);
  const fatal = output.split("\n").filter((line) => line.includes("Could not start"));
  expect(fatal).toHaveLength(1);
  expect(JSON.parse(fatal[0] ?? "")).toMatchObject({ level: 60, reason: "Set PORT to another port." });
  expect(output).not.toContain("stack");
});
