import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrokenGuard, GUARDS } from "./guards.js";

/** A build of this tree without one of its guards. */
export interface BrokenBuild {
  appsDir: string;
  remove(): void;
}

/** Copies the tree into a folder of its own, takes a guard out of the sources, and builds the apps: each holds all it runs. */
export function makeBrokenBuild(root: string, guard: BrokenGuard): BrokenBuild {
  const dir = mkdtempSync(join(tmpdir(), `fanfare-broken-${guard}-`));
  for (const folder of ["apps", "packages"]) {
    cpSync(join(root, folder), join(dir, folder), {
      recursive: true,
      filter: (path) => !path.includes("node_modules") && !path.endsWith(".turbo"),
    });
  }
  linkModules(root, dir);
  for (const [file, source] of patchSources(root, guard)) writeFileSync(join(dir, file), source);
  const appsDir = join(dir, "apps");
  for (const app of readdirSync(appsDir)) {
    execFileSync(process.execPath, [join(root, "scripts", "build-workspace.mjs")], { cwd: join(appsDir, app) });
  }
  return { appsDir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** The sources that a guard is taken out of, without it, by their path from the tree's root. */
export function patchSources(root: string, guard: BrokenGuard): Map<string, string> {
  const sources = GUARDS[guard].patches.map(({ file, edits }): [string, string] => [
    file,
    edits.reduce((text, edit) => replaceOnce(text, edit, file), readFileSync(join(root, file), "utf8")),
  ]);
  return new Map(sources);
}

/** Libraries are this tree's; workspaces are the copy's. */
function linkModules(root: string, dir: string): void {
  const modules = join(root, "node_modules");
  mkdirSync(join(dir, "node_modules", "@fanfare"), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (name !== "@fanfare" && !name.startsWith(".")) {
      symlinkSync(join(modules, name), join(dir, "node_modules", name));
    }
  }
  for (const folder of ["apps", "packages"]) {
    for (const name of readdirSync(join(dir, folder))) {
      symlinkSync(join(dir, folder, name), join(dir, "node_modules", "@fanfare", name));
    }
  }
}

/** @throws Error when the source is not what the patch was made for: then the patch has to follow it. */
function replaceOnce(text: string, { search, replace }: { search: string; replace: string }, file: string): string {
  const pieces = text.split(search);
  if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times, not once:\n${search}`);
  return pieces.join(replace);
}
