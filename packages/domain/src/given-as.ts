/**
 * Examples, for `meta`, of what a request gives where code gets something else: an id of which the UUID is taken, an object whose keys
 * are looked at first. zod takes `examples` for what code gets, and leaves them out of the form of a request.
 */
export const givenAs = (...examples: unknown[]) => formedAs({}, ...examples);

/** The same, with the keywords of JSON Schema for what a refinement asks for: zod does not look into those. */
export const formedAs = (keywords: object, ...examples: unknown[]) => ({
  override: { ...keywords, ...(examples.length > 0 && { examples }) },
});
