// Preloaded into a process whose wall clock is wrong: shifts Date by FANFARE_CLOCK_SKEW_MS, and leaves the monotonic
// clock (performance.now, timers) alone, as a wrong wall clock does.
import process from "node:process";

const skewMs = Number(process.env.FANFARE_CLOCK_SKEW_MS);
if (!Number.isFinite(skewMs)) throw new Error("FANFARE_CLOCK_SKEW_MS must be a number.");
const RealDate = Date;

globalThis.Date = class SkewedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + skewMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + skewMs;
  }
};
