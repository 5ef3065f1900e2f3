/** A path with parameters as OpenAPI writes them. */
export const pathTemplate = (path: string) => path.replaceAll(/:(\w+)/g, "{$1}");
