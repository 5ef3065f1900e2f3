import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The secrets in the files of a data directory: its master keys, and provider keys as PEM. */
export function secretsIn(dataDir: string): string[] {
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ parentPath, name }) => {
    if (name === "master.key") return readFileSync(join(parentPath, name), "utf8").split("\n");
    const text = /\.(p8|json)$/.test(name) ? readFileSync(join(parentPath, name), "utf8") : "";
    return text.includes("PRIVATE KEY-----") ? [text] : [];
  });
}
