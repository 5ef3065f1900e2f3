import { z } from "zod";

/** The body that changes some fields of a resource, at least one. */
export const changeOf = <Shape extends Record<string, z.ZodOptional>>(shape: Shape) =>
  z
    .strictObject(shape)
    .refine((change) => Object.keys(change).length > 0, "must have at least one field")
    .meta({ override: { minProperties: 1 } });
