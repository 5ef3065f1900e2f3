import { readFileSync } from "node:fs";
import express, { type Router } from "express";
import absolutePath from "swagger-ui-dist/absolute-path.js";
import { otherMethods } from "./middleware/other-methods.js";
import { pagePolicy } from "./middleware/safe-headers.js";
import { pathOf } from "./request-target.js";

const FILES = ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "favicon-32x32.png"];

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fanfare API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

const START = `window.ui = SwaggerUIBundle({ url: "openapi.json", dom_id: "#ui", deepLinking: true, docExpansion: "list", defaultModelsExpandDepth: 0 });
`;

/** The rendered API reference: Swagger UI, served from this machine. */
export function docsPage(): Router {
  const router = express.Router();
  router.use(pagePolicy);
  router.get("/", (req, res) => {
    // The page names its files from the path without a slash; whoever calls may know that by another name, such as a proxy's.
    if (pathOf(req.originalUrl).endsWith("/")) res.redirect(308, "../docs");
    else res.type("html").send(PAGE);
  });
  router.get("/start.js", (_req, res) => void res.type("js").send(START));
  for (const file of FILES) {
    const content = readFileSync(`${absolutePath()}/${file}`);
    router.get(
      `/${file}`,
      (_req, res) =>
        void res
          .type(file.split(".").at(-1) ?? "")
          .set("Cache-Control", "max-age=3600")
          .send(content),
    );
  }
  router.all(["/", "/start.js", ...FILES.map((file) => `/${file}`)], otherMethods("get"));
  return router;
}
