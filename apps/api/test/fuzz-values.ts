import fc from "fast-check";
import { nastyText, nastyValue } from "./fuzz-texts.js";
import type { FuzzWorld } from "./fuzz-world.js";

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document is looked into as it is
type Loose = any;

/** How requests are made: `careful` ones fit the document and mostly succeed; of `wild` ones a part is anything. */
export type Mode = "careful" | "wild";

/** An object's schema with what one of its forms asks for: fields that have to be there, and fields that may not. */
function narrowed({ anyOf, oneOf, properties, required = [], ...others }: Loose, form: Loose): Loose {
  const isAllowed = ([key]: [string, unknown]) => form.properties?.[key] !== false;
  return {
    ...{ ...others, anyOf: form.anyOf, oneOf: form.oneOf },
    properties: Object.fromEntries(Object.entries(properties).filter(isAllowed)),
    required: [...required, ...(form.required ?? [])],
  };
}

/** Makes values of a schema of the document; `name` is the field's. */
export function valuesOf({ components, goodTexts }: Pick<FuzzWorld, "components" | "goodTexts">, mode: Mode) {
  function anyValue(schema: Loose, name: string, depth = 0): fc.Arbitrary<unknown> {
    const fitting = fittingValue(schema, name, depth);
    return mode === "careful"
      ? fitting
      : fc.oneof({ weight: 15, arbitrary: fitting }, { weight: 1, arbitrary: nastyValue });
  }

  function fittingValue(schema: Loose, name: string, depth: number): fc.Arbitrary<unknown> {
    if (depth > 6) return nastyValue;
    if (schema.$ref) return fittingValue(components[schema.$ref.split("/").at(-1)] as Loose, name, depth);
    const branches = schema.anyOf ?? schema.oneOf;
    if (branches && schema.properties) {
      return fc.oneof(...branches.map((branch: object) => fittingValue(narrowed(schema, branch), name, depth)));
    }
    if (branches) return fc.oneof(...branches.map((branch: object) => fittingValue(branch, name, depth + 1)));
    if ("const" in schema) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case "object":
        return objectOf(schema, depth);
      case "array":
        return fc.array(anyValue(schema.items ?? {}, name, depth + 1), {
          minLength: schema.minItems ?? 0,
          maxLength: 4,
        });
      case "integer":
        return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 2 ** 31) });
      case "number":
        return fc.double();
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      case "string":
        return textOf(name);
      default:
        return mode === "careful" ? fc.jsonValue({ maxDepth: 3 }) : nastyValue;
    }
  }

  function objectOf(schema: Loose, depth: number): fc.Arbitrary<unknown> {
    const properties = Object.fromEntries(
      Object.entries<object>(schema.properties ?? {}).map(([key, nested]) => [key, anyValue(nested, key, depth + 1)]),
    );
    const known = fc.record(properties, { requiredKeys: schema.required ?? [] });
    if (typeof schema.additionalProperties !== "object") return known;
    const keys = mode === "careful" ? fc.stringMatching(/^[a-z]{2,8}$/) : nastyText;
    const others = fc.dictionary(keys, anyValue(schema.additionalProperties, "", depth + 1), {
      ...{ minKeys: schema.minProperties ?? 0, maxKeys: 4 },
    });
    return fc.tuple(known, others).map(([named, more]) => ({ ...more, ...named }));
  }

  function textOf(name: string): fc.Arbitrary<string> {
    const good = fc.constant(goodTexts[name] ?? "airline");
    return mode === "careful" ? good : fc.oneof(good, nastyText, fc.string({ unit: "grapheme-ascii", maxLength: 20 }));
  }
  return anyValue;
}
