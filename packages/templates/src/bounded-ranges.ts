import { type Context, Expression, Token, Tokenizer, TokenKind, TypeGuards, toValue } from "liquidjs";
import { Refusal } from "./render-error.js";

const BOUND_MAX = 1_000_000_000;

/** The bound of a range, evaluated to a number that can be counted with. */
class BoundExpression extends Expression {
  override *evaluate(context: Context, lenient?: boolean): Generator<unknown, unknown, unknown> {
    const value: unknown = toValue(yield super.evaluate(context, lenient));
    // An array as a bound would be joined to a text, for as long as that takes.
    const bound = typeof value === "string" || typeof value === "number" ? Number(value) : Number.NaN;
    if (Math.abs(bound) > BOUND_MAX) throw new Refusal(`A range goes beyond ${BOUND_MAX}`);
    return bound;
  }
}

class BoundToken extends Token {
  readonly initial: Expression;
  readonly filters = [];

  constructor(bound: Token) {
    super(TokenKind.FilteredValue, bound.input, bound.begin, bound.end);
    this.initial = new BoundExpression([bound]);
  }
}

const readGroupOrRange = Tokenizer.prototype.readGroupOrRange;

// liquidjs 10.30 counts `(9007199254740992..9007199254740994)` up by steps too small to change the number, and fills
// the memory. It makes tokenizers wherever it needs one, at rendering too, and lets no one else make them: the
// prototype is the only place where every range passes.
Tokenizer.prototype.readGroupOrRange = function (this: Tokenizer) {
  const token = readGroupOrRange.call(this);
  if (token !== undefined && TypeGuards.isRangeToken(token)) {
    token.lhs = new BoundToken(token.lhs);
    token.rhs = new BoundToken(token.rhs);
  }
  return token;
};
