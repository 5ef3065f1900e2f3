/** Fields that only make sense between two HTTP/1.1 peers (RFC 9113, section 8.2.2). */
const CONNECTION_FIELDS = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

/** For each byte, whether a name may contain it: letters in lower case, digits and some signs (RFC 9110, section 5.6.2). */
const IN_NAME = bytesThat((byte) => /[!#$%&'*+\-.^_`|~0-9a-z]/.test(String.fromCharCode(byte)));

/** For each byte, whether a value that is read may contain it (RFC 9110, section 5.5). */
const IN_VALUE = bytesThat((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f));

/**
 * For each character, whether a value that is sent may contain it: no byte above 0x7f, of which nothing says what it means (RFC 9110,
 * section 5.5, has senders keep to ASCII), so that two texts could arrive as one.
 */
const IN_SENT_VALUE = IN_VALUE.map((isAllowed, byte) => (byte < 0x80 ? isAllowed : 0));

/** For each character, whether a path may contain it, its query included (RFC 3986, section 3.3; RFC 9113, section 8.3.1). */
const IN_PATH = bytesThat((byte) => /[A-Za-z0-9\-._~%!$&'()*+,;=:@/?]/.test(String.fromCharCode(byte)));

function bytesThat(predicate: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(predicate(byte)));
}

/** Whether a regular field may have this name (RFC 9113, section 8.2). */
export function isFieldName(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    if (IN_NAME[name.charCodeAt(index)] !== 1) return false;
  }
  return name.length > 0 && !CONNECTION_FIELDS.has(name);
}

/** Whether a field may be sent with this value (RFC 9113, section 8.2.1). */
export function isFieldValue(value: string): boolean {
  if (!consistsOf(IN_SENT_VALUE, value)) return false;
  return value === "" || !(isSpace(value.charCodeAt(0)) || isSpace(value.charCodeAt(value.length - 1)));
}

/** Whether a request may be sent with this `:path`. */
export function isPath(value: string): boolean {
  return value.charCodeAt(0) === 0x2f && consistsOf(IN_PATH, value);
}

/** The first field of a request that may not be sent: `:path`, or the name of a regular one; `undefined` when all may. */
export function illegalFieldOf(path: string, headers: Readonly<Record<string, string>>): string | undefined {
  if (!isPath(path)) return ":path";
  return Object.keys(headers).find((name) => !isFieldName(name) || !isFieldValue(headers[name] as string));
}

function consistsOf(allowed: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (allowed[text.charCodeAt(index)] !== 1) return false;
  }
  return true;
}

/** The same for a name that was read. */
export function isFieldNameBytes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (IN_NAME[bytes[at] as number] !== 1) return false;
  }
  return end > start;
}

/** Whether a name that was read is one that only makes sense in HTTP/1.1. */
export function isConnectionField(bytes: Buffer, start: number, end: number): boolean {
  // All of them have one of these lengths.
  const length = end - start;
  if (length !== 7 && length !== 10 && length < 16) return false;
  return length <= 17 && CONNECTION_FIELDS.has(bytes.toString("latin1", start, end));
}

/** The same for a value that was read. */
export function isFieldValueBytes(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (IN_VALUE[bytes[at] as number] !== 1) return false;
  }
  return end === start || !(isSpace(bytes[start] as number) || isSpace(bytes[end - 1] as number));
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
