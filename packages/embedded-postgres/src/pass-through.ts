import { type SpawnOptions, spawnSync } from "node:child_process";
import type { UserIds } from "./closed-folder.js";

/**
 * Capabilities that let a process through closed folders, the lesser one first. Containers often have the second alone
 * (Docker's default set).
 */
const CAPABILITIES = ["dac_read_search", "dac_override"];

/**
 * How to run a program as a user that closed folders do not stop: `setpriv` grants the process one capability, and
 * bounds it and its children to that one. `undefined` where `setpriv` is missing or can not do it.
 */
export function passThrough(
  user: UserIds,
  program: string,
): ((file: string, args: readonly string[]) => SpawnCommand) | undefined {
  for (const capability of CAPABILITIES) {
    const wrap = (file: string, args: readonly string[]) => ({
      file: "setpriv",
      args: [...privileges(user, capability), file, ...args],
      options: {},
    });
    const { file, args } = wrap(program, ["--version"]);
    if (spawnSync(file, args, { cwd: "/", stdio: "ignore" }).status === 0) return wrap;
  }
  return undefined;
}

// initdb asks access(2) whether it may run postgres, and for a user that is not root the kernel answers that without
// its capabilities, unless no_setuid_fixup is set (access(2), capabilities(7)).
function privileges({ uid, gid }: UserIds, capability: string): string[] {
  const only = `-all,+${capability}`;
  return [
    ...["--reuid", String(uid), "--regid", String(gid), "--clear-groups", "--securebits", "+no_setuid_fixup"],
    ...["--inh-caps", only, "--ambient-caps", only, "--bounding-set", only, "--"],
  ];
}

/** What `spawn` takes. */
export interface SpawnCommand {
  file: string;
  args: string[];
  options: SpawnOptions;
}
