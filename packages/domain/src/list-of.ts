import { z } from "zod";

/** A list of which it is seen how long it is before its elements are looked at: zod's own looks at each of them first. */
export function listOf<Element extends z.ZodType>(element: Element, { min, max }: { min: number; max: number }) {
  return z.preprocess((input, context) => {
    if (Array.isArray(input) && input.length > max) {
      context.addIssue({ code: "too_big", origin: "array", maximum: max, inclusive: true, input });
    }
    return input;
  }, z.array(element).min(min).max(max));
}
