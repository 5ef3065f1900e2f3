export { isTemplate } from "@fanfare/domain";
export { checkTemplate, type TemplateProblem } from "./check-template.js";
export { chooseLocale } from "./choose-locale.js";
export { RenderError } from "./render-error.js";
export type { RenderLine } from "./render-line.js";
export { createRenderer, type Renderer, type RendererOptions } from "./renderer.js";
