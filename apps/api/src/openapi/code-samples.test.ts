import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ALL_ROUTES } from "../routes.js";
import { codeSamples } from "./code-samples.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

const OPTIONS = {
  ...{ strict: true, noEmit: true, target: "es2022", module: "esnext", moduleResolution: "bundler" },
  ...{
    lib: ["es2022", "dom", "dom.iterable", "dom.asynciterable"],
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  },
};

test("the compiler takes every sample in TypeScript", () => {
  const dir = mkdtempSync(join(tmpdir(), "fanfare-samples-"));
  for (const route of ALL_ROUTES) {
    const source = codeSamples(route).find(({ label }) => label === "TypeScript")?.source;
    writeFileSync(join(dir, `${route.operationId}.ts`), `${source}\nexport {};\n`);
  }
  writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS }));
  const { stdout, status } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", dir], { encoding: "utf8" });
  rmSync(dir, { recursive: true });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});

const sampleOf = (example: object) =>
  Object.fromEntries(
    codeSamples({ method: "post", path: "/x", access: "send", answers: [], example } as never).map(
      ({ label, source }) => [label, source],
    ),
  );

test("what a shell or a template would take for its own is quoted", () => {
  const body = { text: "it's `$HOME` \\" };
  const { curl = "", CLI: cli = "", TypeScript: typescript = "" } = sampleOf(body);
  const printed = (words: string) =>
    spawnSync("sh", ["-c", `printf %s ${words}`], { encoding: "utf8", env: { PATH: process.env.PATH } }).stdout;
  expect(JSON.parse(printed(curl.replace(/^[\s\S]* -d /, "")))).toEqual(body);
  expect(JSON.parse(printed(cli.replace(/^[\s\S]* --data /, "")))).toEqual(body);
  expect(new Function(`return ${/JSON\.stringify\(([\s\S]*)\),\n/.exec(typescript)?.[1]}`)()).toEqual(body);
});
