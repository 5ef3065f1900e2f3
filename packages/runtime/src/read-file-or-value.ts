import { existsSync, readFileSync } from "node:fs";

/** A setting that is either a text itself or the path of a file that holds it. `looksLikeText` tells them apart. */
export function readFileOrValue(setting: string, looksLikeText: (value: string) => boolean): string {
  if (looksLikeText(setting)) return setting;
  if (!existsSync(setting)) throw new Error(`There is no file ${setting.slice(0, 200)}.`);
  return readFileSync(setting, "utf8");
}
