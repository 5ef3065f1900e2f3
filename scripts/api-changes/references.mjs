// References of an OpenAPI document to its own parts.

/** What `value` refers to, and by which references; what stands beside a reference holds too. */
export function follow(value, document) {
  const references = [];
  let found = value;
  while (typeof found?.$ref === "string" && !references.includes(found.$ref)) {
    const { $ref, ...beside } = found;
    references.push($ref);
    found = { ...resolve($ref, document), ...beside };
  }
  return { value: found, references };
}

function resolve(reference, document) {
  const found = keysOf(reference).reduce((value, name) => value?.[name], document);
  if (!reference.startsWith("#/") || found === undefined) throw new Error(`${reference} is not in the document`);
  return found;
}

/** The shared part that a reference names, as it is called in a sentence: a schema by its name alone. */
export function componentOf(reference) {
  const keys = keysOf(reference);
  const kind = { headers: "header ", responses: "response " }[keys.at(-2)] ?? "";
  return `${kind}${keys.at(-1)}`;
}

const keysOf = (reference) =>
  reference
    .split("/")
    .slice(1)
    .map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"));
