// `npm run test:chaos`: see docs/chaos.md.
import { mkdirSync } from "node:fs";
import { readOptions } from "./options.js";
import { runBrokenBuilds } from "./run-broken-builds.js";
import { runSeeds } from "./run-seeds.js";

const options = readOptions(process.argv.slice(2));
mkdirSync(options.outDir, { recursive: true });
const passed = options.broken.length > 0 ? await runBrokenBuilds(options) : await runSeeds(options);
process.exit(passed ? 0 : 1);
