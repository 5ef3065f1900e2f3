import { sample } from "openapi-sampler";
import type { oas31 } from "zod-openapi";

/** Gives each body that has no example one that is composed of the examples in its schema. */
export function fillExamples(document: oas31.OpenAPIObject): oas31.OpenAPIObject {
  for (const media of bodiesIn(document)) {
    if (media.schema && media.example === undefined && media.examples === undefined) {
      media.example = sample(media.schema, { quiet: true }, document);
    }
  }
  return document;
}

function bodiesIn({ paths = {} }: oas31.OpenAPIObject): oas31.MediaTypeObject[] {
  const operations = Object.values(paths).flatMap((path) => Object.values(path) as oas31.OperationObject[]);
  const bodies = operations.flatMap(({ requestBody, responses = {} }) => [requestBody, ...Object.values(responses)]);
  return bodies.flatMap((body) => Object.values((body as oas31.RequestBodyObject | undefined)?.content ?? {}));
}
