import { spawnSync } from "node:child_process";
import { stderr } from "node:process";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The name of the Chromium that is installed; `undefined`: none is. @throws Error where tests have to run in it. */
export function findChromium(): string | undefined {
  const found = NAMES.map((name) => spawnSync("which", [name], { encoding: "utf8" }).stdout?.trim()).find(Boolean);
  if (!found && process.env.CI) throw new Error("Chromium is not installed, and CI has to have it.");
  if (!found) stderr.write("Chromium is not installed: pages are not looked at.\n");
  return found;
}
