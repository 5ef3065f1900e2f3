import { type Context, defaultOperators, type Operators } from "liquidjs";
import { chargeSearch, chargeValue } from "./render-context.js";

/** These look at whether there is a value, not into it. */
const LOGICAL: ReadonlySet<string> = new Set(["and", "or", "not"]);

type Operator = (...operands: unknown[]) => unknown;

/** The engine's operators; what they compare is charged first, for a template may compare big values many times. */
export const operators: Operators = Object.fromEntries(
  Object.entries(defaultOperators).map(([name, operator]) => [name, bounded(name, operator as Operator)]),
);

function bounded(name: string, operator: Operator): Operators[string] {
  return function* (...operands: unknown[]): Generator<unknown, boolean, unknown> {
    const context = operands.at(-1) as Context;
    if (LOGICAL.has(name)) context.memoryLimit.use(1);
    else {
      for (const operand of operands.slice(0, -1)) chargeValue(context, operand);
      chargeSearch(context, operands[0], operands[1]);
    }
    return Boolean(yield operator(...operands));
  };
}
