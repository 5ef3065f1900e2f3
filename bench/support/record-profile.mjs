// Preloaded into the apps: records a CPU profile from a SIGUSR2 on until the process ends, into the folder PROFILE_FOLDER.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { join } from "node:path";
import process from "node:process";

const INTERVAL_MICROS = 500;

process.once("SIGUSR2", () => {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROS });
  session.post("Profiler.start");
  process.once("exit", () => {
    session.post("Profiler.stop", (_error, { profile }) => {
      const [, app] = /apps.([^/\\]+).dist/.exec(process.argv[1] ?? "") ?? [];
      writeFileSync(join(process.env.PROFILE_FOLDER, `${app}-${process.pid}.cpuprofile`), JSON.stringify(profile));
    });
  });
});
