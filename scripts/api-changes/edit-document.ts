// Small changes of a document, each at a path of names with spaces between; in a list a name is that of an element or
// its index.

export type Edit = (document: object) => void;
type Node = Record<string, unknown>;

/** The edit that puts `value` where nothing or something else was; of a function, what it makes of that. */
export const put = (path: string, value: unknown) => putAt(path.split(" "), value);

/** The same of a path whose names may have spaces. */
export function putAt(path: string[], value: unknown): Edit {
  return (document) => {
    const { holder, key } = find(document, path);
    holder[key] = typeof value === "function" ? value(holder[key]) : structuredClone(value);
  };
}

/** The edit that takes away what is there; it fails where nothing is. */
export function remove(path: string): Edit {
  return (document) => {
    const { holder, key } = find(document, path.split(" "));
    if (!(key in holder)) throw new Error(`${path} is not in the document`);
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  };
}

/** The edit that adds `value` to the end of a list. */
export const append = (path: string, value: unknown) => put(path, (list: unknown[]) => [...list, value]);

/** The edit that takes `value` out of a list; it fails where the list has it not. */
export const without = (path: string, value: unknown) =>
  put(path, (list: unknown[]) => {
    if (!list.includes(value)) throw new Error(`${path} has no ${value}`);
    return list.filter((one) => one !== value);
  });

/** The edit that gives what is under one key another one. */
export function rename(path: string, name: string): Edit {
  return (document) => {
    const { holder, key } = find(document, path.split(" "));
    const value = holder[key];
    remove(path)(document);
    holder[name] = value;
  };
}

/** The edit that puts a copy of what is at one path at another. */
export const copy =
  (from: string, to: string): Edit =>
  (document) => {
    const { holder, key } = find(document, from.split(" "));
    put(to, holder[key])(document);
  };

/** The edits one after another. */
export const all =
  (...edits: Edit[]): Edit =>
  (document) => {
    for (const edit of edits) edit(document);
  };

function find(document: object, path: string[]): { holder: Node; key: string } {
  const holder = path.slice(0, -1).reduce((node, name) => {
    const below = node[keyIn(node, name)];
    if (typeof below !== "object" || below === null)
      throw new Error(`${path.join(" ")}: ${name} is not in the document`);
    return targetOf(document, below as Node);
  }, document as Node);
  return { holder, key: keyIn(holder, path.at(-1) ?? "") };
}

/** What a reference names: changes of it are planted there. */
function targetOf(document: object, node: Node): Node {
  if (typeof node.$ref !== "string") return node;
  const names = node.$ref.split("/").slice(1);
  return names.reduce((part, name) => part[name] as Node, document as Node);
}

function keyIn(node: Node, name: string): string {
  if (!Array.isArray(node)) return name;
  const index = node.findIndex((element) => element?.name === name);
  return index < 0 ? name : String(index);
}
