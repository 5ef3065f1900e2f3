/** Longest name of a field that an answer repeats whole, in characters. */
const NAME_MAX = 64;

/** A field's name as an answer may repeat it: whatever was sent as one, a key in PEM form is not sent back. */
export function shownName(name: string): string {
  const shown = /^[^\p{Cc}]*/u.exec(name.slice(0, NAME_MAX))?.[0] ?? "";
  return shown.length < name.length ? `${shown}…` : name;
}

/** A path as a JSON pointer (RFC 6901, section 3). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${shownName(String(key)).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
