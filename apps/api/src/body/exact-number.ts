/** Digits that every number of so many has in common with its nearest double, and those that a double may be written with. */
const ALWAYS_KEPT = 15;
const MAX_KEPT = 17;

/** Characters of a number that has no more digits than {@link ALWAYS_KEPT}, and no exponent. */
const SHORT = ALWAYS_KEPT;

/** Whether a number as JSON writes it is surely kept as it is by a double, for its length alone. */
export const isSurelyKept = (length: number, hasExponent: boolean): boolean => length <= SHORT && !hasExponent;

/**
 * Whether a number as JSON writes it is the same once it was read as a double and written again: 12345678901234567890 is not,
 * nor are 1e400 and 1e-400.
 */
export function isKept(text: string): boolean {
  const value = Number(text);
  const digits = significantDigits(text);
  if (!Number.isFinite(value) || value === 0) return value === 0 && digits === "";
  if (digits.length <= ALWAYS_KEPT) return true;
  const isUnsafe = /^-?\d+$/.test(text) && !Number.isSafeInteger(value);
  if (digits.length > MAX_KEPT || isUnsafe) return String(value) === text;
  // The shortest form of a double, or the one of so many digits.
  return [String(value), value.toPrecision(digits.length)].some((written) => significantDigits(written) === digits);
}

function significantDigits(text: string): string {
  const [mantissa = ""] = text.split(/e/i);
  const digits = mantissa.replaceAll(/[-.]/g, "").replace(/^0+/, "");
  // Those of an integer, too: they say how large it is, and that is compared apart.
  return digits.replace(/0+$/, "");
}
