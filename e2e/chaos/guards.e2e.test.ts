import { join } from "node:path";
import { makeBrokenBuild } from "./broken-builds.js";
import { type BrokenGuard, GUARDS } from "./guards.js";

// Sources change: a patch that does not fit any more must not be found out at night.
test.each(Object.keys(GUARDS) as BrokenGuard[])("what takes the guard %s out fits the sources and builds", (guard) => {
  makeBrokenBuild(join(import.meta.dirname, "../.."), guard).remove();
});
