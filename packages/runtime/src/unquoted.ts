/** A setting without white space, a byte order mark and quotation marks around it, which `docker --env-file` hands on as they are. */
export function unquoted(setting: string): string {
  const text = setting.trim();
  return /^(["'])[\s\S]*\1$/.test(text) && text.length > 1 ? text.slice(1, -1).trim() : text;
}
