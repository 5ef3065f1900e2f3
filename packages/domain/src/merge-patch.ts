import type { Json } from "./json.js";

/**
 * A document with a patch merged into it (RFC 7396, section 2): what the patch gives takes its place, what it sets to
 * null goes. Neither is changed. Written out because the libraries for it stumble over keys that every object inherits
 * (`constructor`, `hasOwnProperty`), and a sender may use any key.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
