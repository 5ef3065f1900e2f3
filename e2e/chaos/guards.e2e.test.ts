import { join } from "node:path";
import esbuild from "esbuild";
import { patchSources } from "./broken-builds.js";
import { type BrokenGuard, GUARDS } from "./guards.js";

const ROOT = join(import.meta.dirname, "../..");

// Sources change: a patch that does not fit any more must not be found out at night.
test.each(Object.keys(GUARDS) as BrokenGuard[])(
  "what takes the guard %s out fits the sources and builds",
  async (guard) => {
    for (const [file, source] of patchSources(ROOT, guard)) {
      await esbuild.transform(source, { loader: "ts", sourcefile: file });
    }
  },
);
