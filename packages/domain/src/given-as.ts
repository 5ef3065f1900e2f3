/**
 * Examples, for `meta`, of what a request gives where code gets something else: an id of which the UUID is taken, an object whose keys
 * are looked at first. zod takes `examples` for what code gets, and leaves them out of the form of a request.
 */
export const givenAs = (...examples: unknown[]) => ({ override: { examples } });
