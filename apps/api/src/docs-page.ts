import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import express, { type Router } from "express";
import { otherMethods } from "./middleware/other-methods.js";
import { pagePolicy } from "./middleware/safe-headers.js";
import { SAMPLE_LANGUAGES } from "./openapi/code-samples.js";
import { pathOf } from "./request-target.js";

const VIEWER = createRequire(import.meta.url).resolve("redoc/bundles/redoc.standalone.js");

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fanfare API</title>
<link rel="icon" href="docs/icon.svg">
<link rel="stylesheet" href="docs/style.css">
<link rel="modulepreload" href="docs/redoc.js">
</head>
<body>
<div id="reference"></div>
<script type="module" src="docs/start.js"></script>
</body>
</html>
`;

// Whose work it is would be said by an image from elsewhere. The menu beside Copy hands the page's address to others' assistants.
const STYLE = `a[href^="https://redocly.com/redoc"] p::after { content: " Redoc"; }
[data-testid="page-actions"] [data-testid="dropdown"] { display: none; }
`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#14213d"/>
<path d="M6 13h8l12-7v20l-12-7H6z" fill="#fca311"/>
<path d="M9 19h5v7H9z" fill="#fca311"/>
</svg>
`;

const OPTIONS = { disableTelemetry: true, codeSamples: { languages: SAMPLE_LANGUAGES } };

const START = `import { init } from "./redoc.js";

init("openapi.json", ${JSON.stringify(OPTIONS)}, document.getElementById("reference"));
`;

/** Files of the page, which may be kept as long as they are sure to be the same. */
const FILES: Readonly<Record<string, { content: string | Buffer; cacheControl: string }>> = {
  "start.js": { content: START, cacheControl: "no-store" },
  "icon.svg": { content: ICON, cacheControl: "max-age=3600" },
  "style.css": { content: STYLE, cacheControl: "no-store" },
  "redoc.js": { content: readFileSync(VIEWER), cacheControl: "max-age=3600" },
};

/** The rendered API reference: Redoc, served from this machine. What it would have from elsewhere its policy refuses. */
export function docsPage(): Router {
  const router = express.Router();
  router.use(pagePolicy);
  router.get("/", (req, res) => {
    // The page names its files from the path without a slash; whoever calls may know that by another name, such as a proxy's.
    if (pathOf(req.originalUrl).endsWith("/")) res.redirect(308, "../docs");
    else res.type("html").send(PAGE);
  });
  for (const [name, { content, cacheControl }] of Object.entries(FILES)) {
    router.get(`/${name}`, (_req, res) => {
      const type = name.split(".").at(-1) ?? "";
      res.type(type).set("Cache-Control", cacheControl).send(content);
    });
  }
  router.all(["/", ...Object.keys(FILES).map((name) => `/${name}`)], otherMethods("get"));
  return router;
}
