import type { Route } from "../route.js";
import { createOpenApiDocument } from "./document.js";

/** In the place of wherever callers reach the API. */
const SOMEWHERE = "http://fanfare.invalid";

/** Makes the documents of some routes for callers who reach the API at one address or another. To make one anew takes 0.1 s. */
export function createDocuments(routes: readonly Route[]): (serverUrl: string) => object {
  let text: string | undefined;
  return (serverUrl) => {
    text ??= JSON.stringify(createOpenApiDocument(routes, SOMEWHERE));
    return JSON.parse(text.replaceAll(SOMEWHERE, () => serverUrl));
  };
}
