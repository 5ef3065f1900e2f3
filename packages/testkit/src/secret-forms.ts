const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const wrapped = (text: string, width = 76) => text.replace(new RegExp(`.{${width}}`, "g"), "$&\n");
const bodyOf = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");

/** A key in every form that deployment tools are known to make of PEM; none of them is a path. */
export function keyForms(pem: string): [form: string, text: string][] {
  const body = bodyOf(pem);
  return [
    ["PEM", pem],
    ["PEM with CRLF", pem.replaceAll("\n", "\r\n")],
    ["PEM with CR", pem.replaceAll("\n", "\r")],
    ["PEM with \\n as two characters", pem.replaceAll("\n", "\\n")],
    ["PEM with \\r\\n as four characters", pem.replaceAll("\n", "\\r\\n")],
    ["PEM with \\\\n, escaped twice", pem.replaceAll("\n", "\\\\n")],
    ["PEM with spaces for line ends", pem.replaceAll("\n", " ")],
    ["PEM without line ends", pem.replaceAll("\n", "")],
    ["PEM with indented lines", pem.replaceAll("\n", "\n    ")],
    ["PEM in double quotes", `"${pem}"`],
    ["PEM in single quotes", `'${pem}'`],
    ["PEM as a JSON string", JSON.stringify(pem)],
    ["PEM as a JSON string of a JSON string", JSON.stringify(JSON.stringify(pem))],
    ["PEM as .NET escapes it", JSON.stringify(pem).replaceAll("+", "\\u002B").replaceAll("/", "\\/")],
    ["PEM with a byte order mark", `\ufeff${pem}`],
    ["PEM in quotes after a byte order mark, escaped", `\ufeff"${pem.replaceAll("\n", "\\n")}"`],
    ["PEM amid white space", `\n\t ${pem} \r\n`],
    ["PEM below the attributes of an export", `Bag Attributes\n    localKeyID: 01\n${pem}`],
    ["base64 of the file", base64(pem)],
    ["base64 of the file with CRLF and a byte order mark", base64(`\ufeff${pem.replaceAll("\n", "\r\n")}`)],
    ["base64 of the file in UTF-16", base64(Buffer.from(`\ufeff${pem}`, "utf16le"))],
    ["base64 of the file without padding", base64(pem).replace(/=+$/, "")],
    ["base64 of the file over lines", wrapped(base64(pem))],
    ["base64 of the file over escaped lines, in quotes", `"${wrapped(base64(pem)).replaceAll("\n", "\\n")}"`],
    ["base64url of the file", Buffer.from(pem).toString("base64url")],
    ["DER in base64", body],
    ["DER in base64 over lines", wrapped(body, 64)],
    ["DER in base64url", Buffer.from(body, "base64").toString("base64url")],
    ["DER in base64, in quotes", `'${body}'`],
  ];
}

/** A service account in every form that deployment tools are known to make of its JSON; none of them is a path. */
export function jsonForms(account: { private_key: string }): [form: string, text: string][] {
  const json = JSON.stringify(account, undefined, 2);
  const line = JSON.stringify(account);
  const twice = JSON.stringify({ ...account, private_key: account.private_key.replaceAll("\n", "\\n") });
  return [
    ["JSON", json],
    ["JSON with CRLF", json.replaceAll("\n", "\r\n")],
    ["JSON with a byte order mark", `\ufeff${json}`],
    ["JSON in single quotes", `'${line}'`],
    ["JSON in double quotes", `"${line}"`],
    ["JSON amid white space", `\n  ${json}\n\n`],
    ["JSON as a JSON string", JSON.stringify(line)],
    ["JSON with its quotation marks escaped", JSON.stringify(line).slice(1, -1)],
    ["JSON with line ends escaped twice in the key", twice],
    ["JSON with real line ends in the key", line.replaceAll("\\n", "\n")],
    ["base64 of the file", base64(json)],
    ["base64 of the file with a byte order mark", base64(`\ufeff${json}`)],
    ["base64 of the file in UTF-16", base64(Buffer.from(`\ufeff${json}`, "utf16le"))],
    ["base64 of the file over lines", wrapped(base64(json))],
    ["base64 of the file in quotes", `"${base64(json)}"`],
    ["base64 of the file without padding", base64(json).replace(/=+$/, "")],
    ["base64url of the file", Buffer.from(json).toString("base64url")],
    ["base64 of JSON with line ends escaped twice", base64(twice)],
  ];
}

/** How long a piece of a secret may be that stands in a text by accident, in characters. */
const PIECE = 8;

/**
 * The pieces of a secret's characters that stand in a text, whatever was done to the line ends in either, also in base64.
 */
export function piecesIn(text: string, secret: string): string[] {
  const shown = compact(text);
  const forms = [compact(secret), compact(base64(secret)), compact(Buffer.from(secret).toString("hex"))];
  return forms.flatMap((form) =>
    Array.from({ length: Math.max(0, form.length - PIECE + 1) }, (_, at) => form.slice(at, at + PIECE)).filter(
      (piece) => shown.includes(piece),
    ),
  );
}

/** Without the words around a key, which are no secret, and without what stands for line ends. */
const compact = (text: string) =>
  text
    .replace(/-----(BEGIN|END)[A-Z ]+-----/g, "")
    .replace(/\\+[rn]/g, "")
    .replace(/[\s\\]/g, "");
