import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const runtime = fileURLToPath(new URL("../dist/index.js", import.meta.url));
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "fanfare-process-start-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** Runs a script that works with the package, in a process of its own. */
function run(script: string, env: Record<string, string> = {}): Promise<{ code: number | null; out: string }> {
  const source = `import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
    import * as runtime from ${JSON.stringify(runtime)}; ${script}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], { env: { ...process.env, ...env } });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (out += String(data)));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out })));
}

test("processes that start at once make one set of credentials and all get it", async () => {
  const script = `console.log(JSON.stringify(runtime.localCredentials(${JSON.stringify(dir)})))`;
  const runs = await Promise.all(Array.from({ length: 6 }, () => run(script)));
  const all = runs.map(({ out }) => JSON.parse(out) as { authToken: string; created: boolean });
  expect(new Set(all.map(({ authToken }) => authToken)).size).toBe(1);
  expect(all.filter(({ created }) => created)).toHaveLength(1);
  expect(await readdir(dir)).toEqual(["credentials.env"]);
});

test("a configuration that is not valid ends the process with 78, and every problem is printed", async () => {
  const script = `runtime.readConfig(z.object({ FANFARE_TEST_PORT: z.coerce.number().min(1), FANFARE_TEST_URL: z.url() }),
    process.env);`;
  const { code, out } = await run(script, { FANFARE_TEST_PORT: "-7" });
  expect(code).toBe(78);
  expect(out).toMatch(/FANFARE_TEST_PORT: .*\n {2}FANFARE_TEST_URL: is required/);
  expect(out).not.toContain("-7");
});
