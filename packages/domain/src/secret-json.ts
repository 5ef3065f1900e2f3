import { decodeBase64, decodeText, plainText, type TextOrBytes } from "./plain-text.js";

/** JSON in base64 in quotation marks, and the like: so many layers are looked through. */
const LAYERS_MAX = 5;

/**
 * Reads an object in the forms that deployment tools make of a JSON file: JSON with a byte order mark or quotation marks around it,
 * JSON that is a string of JSON, with escaped quotation marks, with real line ends within strings, base64 of any of them.
 *
 * @returns The object, or what is wrong with the text, as the end of a sentence about its characters. Nothing of what the parser
 *   says gets into it: that would quote the text.
 */
export function readSecretJson(content: TextOrBytes): { object: Record<string, unknown> } | { fault: string } {
  const text = plainText(content);
  const object = findObject(text, LAYERS_MAX);
  return object ? { object } : { fault: faultOf(text) };
}

function findObject(text: string, layers: number): Record<string, unknown> | undefined {
  if (layers === 0) return undefined;
  for (const form of [text, plainText(text)]) {
    const value = parse(form) ?? parse(withEscapedLineEnds(form));
    if (isObject(value)) return value;
    if (typeof value === "string") return findObject(value, layers - 1);
  }
  const plain = plainText(text);
  if (plain.startsWith('{\\"')) return findObject(`"${plain}"`, layers - 1);
  const decoded = decoded64(plain);
  return decoded === undefined ? undefined : findObject(decoded, layers - 1);
}

/** The text that something is base64 of, if it is. */
function decoded64(text: string): string | undefined {
  const bytes = decodeBase64(text);
  return bytes && decodeText(bytes);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.trim());
  } catch {
    // In this form it is none; the parser's words would quote it.
    return undefined;
  }
}

/**
 * Tools that put real line ends where `\n` stood leave a string that is no JSON any more. Character by character: an expression for
 * strings takes quadratic time where many of them have no end.
 */
function withEscapedLineEnds(text: string): string {
  const parts: string[] = [];
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') inString = !inString;
    if (inString && character === "\\") parts.push(character, text.charAt(++at));
    else if (inString && character === "\n") parts.push("\\n");
    else if (!inString || character !== "\r") parts.push(character);
  }
  return parts.join("");
}

function faultOf(text: string): string {
  if (text === "") return "are empty";
  if (/^-----\s*BEGIN/.test(text)) return "are PEM, not JSON";
  if (text.startsWith("<")) return "are XML, not JSON";
  if (text.startsWith("{")) return text.endsWith("}") ? "are JSON that is damaged" : "are JSON that is cut off";
  const decoded = decoded64(text);
  return decoded === undefined ? "are no JSON object that can be read" : faultOf(plainText(decoded));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
