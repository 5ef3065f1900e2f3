import { type WaitReason, withAdvice } from "@fanfare/domain";
import type { SendResult } from "./ports.js";

/** What a sender is told of a line that was not sent; `undefined` where that passes by itself, or the line is on record. */
export function reasonOf(result: SendResult): WaitReason | undefined {
  if (result.kind !== "not-sent" || result.detail === undefined) return undefined;
  return { code: result.code, detail: withAdvice(result.detail, result.advice) ?? "" };
}
