import { z } from "zod";

const UNSTORABLE = /[\0\p{Cs}]/u;

/** Text that can be stored and sent: no U+0000, no lone surrogate. */
export const text = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .refine((value) => !UNSTORABLE.test(value), "must not contain U+0000 or a lone surrogate");

/** A text longer than a whole payload can never be delivered; the payload's own limit is checked where it is built. */
export const contentText = text(4_096);
