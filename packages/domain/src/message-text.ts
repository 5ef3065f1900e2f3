import { z } from "zod";
import { isStorable } from "./storable-text.js";

/** Text that can be stored and sent: no U+0000, no lone surrogate. */
export const text = (maxLength: number) =>
  z.string().max(maxLength, { abort: true }).refine(isStorable, "must not contain U+0000 or a lone surrogate");

/** A text longer than a whole payload can never be delivered; the payload's own limit is checked where it is built. */
export const contentText = text(4_096);
