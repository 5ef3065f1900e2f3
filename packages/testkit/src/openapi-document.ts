/** What is read of an OpenAPI 3.1 document. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
}

/** A reference to another place of the document, or what stands there. */
export type Referable<Value> = Value | { $ref: string };

/** One method of a path. */
export interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Content };
  security?: object[];
  responses: Record<string, Referable<{ headers?: DocumentedHeaders; content?: Content }>>;
}

/** What is read of a parameter. */
export interface Parameter {
  name: string;
  in: string;
  schema: { type?: string };
}

/** Bodies by media type. */
export type Content = Record<string, { schema?: object }>;

/** Headers by name. */
export type DocumentedHeaders = Record<string, Referable<{ required?: boolean; schema: { type?: string } }>>;

/** Names on the way from the document's root to a part of it. */
export type Place = readonly string[];

/** Something of the document, and where it stands. */
export interface Placed<Value> {
  value: Value;
  place: Place;
}

/** What stands at a place, or where its reference leads. */
export function follow<Value>(document: object, value: Referable<Value>, place: Place): Placed<Value> {
  const reference = (value as { $ref?: string }).$ref;
  if (reference === undefined) return { value: value as Value, place };
  const names = reference.replace(/^#\//, "").split("/");
  return { value: names.reduce((part: object, name) => part[name as keyof object], document) as Value, place: names };
}

/**
 * Finds the operation that a request is for: as Express does, whatever the case, and with a slash at the end too. Of two paths that fit, the one
 * with fewer parameters is meant.
 */
export function createOperationFinder({ paths }: OpenApiDocument) {
  const patterns = Object.keys(paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}/?$`, "i"),
    parameters: path.split("{").length,
  }));
  patterns.sort((a, b) => a.parameters - b.parameters);
  return (method: string, requested: string): Placed<Operation> | undefined => {
    const path = patterns.find(({ pattern }) => pattern.test(requested))?.path ?? "";
    const verb = method === "HEAD" ? "get" : method.toLowerCase();
    const value = paths[path]?.[verb];
    return value && { value, place: ["paths", path, verb] };
  };
}
