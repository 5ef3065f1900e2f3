import { CaptureTag, CaseTag, type Context, type Emitter, evalToken, type Liquid, toValue } from "liquidjs";
import { BoundedEmitter } from "./bounded-emitter.js";
import { operators } from "./operators.js";

/** Tags that templates have not. */
export const REMOVED_TAGS: readonly string[] = [
  // A sender's template is one text: there are no files.
  "include",
  "render",
  "layout",
  "block",
  // Parsing it takes time by the square of the line breaks in it; `comment` does the same.
  "#",
];

type Operator = (...operands: unknown[]) => unknown;

/** liquidjs's own writes to a text that no limit sees. */
class BoundedCapture extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    const emitter = new BoundedEmitter(context, Number.POSITIVE_INFINITY);
    yield this.liquid.renderer.renderTemplates(this.templates, context, emitter);
    context.bottom()[this.variable] = emitter.buffer;
  }
}

/** liquidjs's own compares with any number of big values before the clock is looked at again. */
class BoundedCase extends CaseTag {
  override *render(context: Context, emitter: Emitter): Generator<unknown, void, unknown> {
    const isEqual = operators["=="] as Operator;
    const target: unknown = toValue(yield this.value.value(context, false));
    let isMatched = false;
    for (const { values, templates } of this.branches) {
      for (const value of values) {
        if (!(yield isEqual(target, yield evalToken(value, context), context))) continue;
        isMatched = true;
        yield this.liquid.renderer.renderTemplates(templates, context, emitter);
        break;
      }
    }
    if (!isMatched) yield this.liquid.renderer.renderTemplates(this.elseTemplates, context, emitter);
  }
}

/** Tags that take the place of liquidjs's own. */
export const BOUNDED_TAGS: Readonly<Liquid["tags"]> = { capture: BoundedCapture, case: BoundedCase };
