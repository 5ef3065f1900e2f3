import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const apps = join(import.meta.dirname, "../../apps");

/** All apps, as the folder has them. */
export const APP_NAMES = readdirSync(apps).filter((name) => existsSync(join(apps, name, "package.json")));
