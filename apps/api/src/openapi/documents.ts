import { EXAMPLE } from "@fanfare/domain";
import type { Route } from "../route.js";
import { createOpenApiDocument } from "./document.js";

/** Makes the documents of some routes for callers who reach the API at one address or another. To make one anew takes 0.1 s. */
export function createDocuments(routes: readonly Route[]): (serverUrl: string) => object {
  let text: string | undefined;
  return (serverUrl) => {
    text ??= JSON.stringify(createOpenApiDocument(routes));
    return JSON.parse(text.replaceAll(EXAMPLE.baseUrl, () => serverUrl));
  };
}
