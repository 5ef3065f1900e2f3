import { type Context, type Emitter, toValue } from "liquidjs";
import { chargeValue } from "./render-context.js";
import { Refusal } from "./render-error.js";

/** Collects output, and stops the rendering as soon as there is too much of it. */
export class BoundedEmitter implements Emitter {
  buffer = "";
  private readonly context: Context;
  private readonly room: number;
  private readonly maxLength: number;

  /** `room` is what others have left of `maxLength`. */
  constructor(context: Context, room: number, maxLength = room) {
    this.context = context;
    this.room = room;
    this.maxLength = maxLength;
  }

  /** Appends a value as the engine would, and throws a {@link Refusal} when the output gets too long. */
  write(value: unknown): void {
    chargeValue(this.context, value);
    this.buffer += textOf(value);
    if (this.buffer.length > this.room) {
      throw new Refusal(`The output is longer than ${this.maxLength} characters`);
    }
  }
}

function textOf(value: unknown): string {
  const plain: unknown = toValue(value);
  if (Array.isArray(plain)) return plain.map(textOf).join("");
  return String(plain ?? "");
}
