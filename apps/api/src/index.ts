export { readBasicLogin } from "./basic-login.js";
export { configSchema } from "./config.js";
export { createIdentities } from "./identities.js";
export { createOpenApiDocument } from "./openapi/document.js";
export { createDocuments } from "./openapi/documents.js";
export { OWN_CODES } from "./resources/code-meanings.js";
export { ALL_ROUTES } from "./routes.js";
export { startApi } from "./start-api.js";
