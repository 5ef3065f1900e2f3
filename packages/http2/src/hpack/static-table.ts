/** The fields that everyone knows, from index 1 on: name and value, in turn (RFC 7541, appendix A). */
const FIELDS = [
  ...[":authority", "", ":method", "GET", ":method", "POST", ":path", "/", ":path", "/index.html"],
  ...[":scheme", "http", ":scheme", "https", ":status", "200", ":status", "204", ":status", "206"],
  ...[":status", "304", ":status", "400", ":status", "404", ":status", "500", "accept-charset", ""],
  ...["accept-encoding", "gzip, deflate", "accept-language", "", "accept-ranges", "", "accept", ""],
  ...["access-control-allow-origin", "", "age", "", "allow", "", "authorization", "", "cache-control", ""],
  ...["content-disposition", "", "content-encoding", "", "content-language", "", "content-length", ""],
  ...["content-location", "", "content-range", "", "content-type", "", "cookie", "", "date", "", "etag", ""],
  ...["expect", "", "expires", "", "from", "", "host", "", "if-match", "", "if-modified-since", ""],
  ...["if-none-match", "", "if-range", "", "if-unmodified-since", "", "last-modified", "", "link", ""],
  ...["location", "", "max-forwards", "", "proxy-authenticate", "", "proxy-authorization", "", "range", ""],
  ...["referer", "", "refresh", "", "retry-after", "", "server", "", "set-cookie", ""],
  ...["strict-transport-security", "", "transfer-encoding", "", "user-agent", "", "vary", "", "via", ""],
  ...["www-authenticate", ""],
];

/** Fields of the static table; the dynamic table's indexes begin after them. */
export const STATIC_FIELDS = FIELDS.length / 2;

/** The name at an index of the static table. */
export function staticName(index: number): string {
  return FIELDS[index * 2 - 2] as string;
}

/** The value at an index of the static table. */
export function staticValue(index: number): string {
  return FIELDS[index * 2 - 1] as string;
}
