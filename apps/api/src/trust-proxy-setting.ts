import { compile } from "proxy-addr";
import { z } from "zod";

/** Which reverse proxies are believed, as Express's `trust proxy` takes it: addresses, ranges and names of ranges, separated by commas. */
export const trustProxySetting = z.string().refine(isTrust, {
  error:
    "must be addresses or ranges of reverse proxies, separated by commas, such as 10.0.0.0/8 or loopback (linklocal and uniquelocal are known too)",
});

// By the library that Express asks: it would throw where it is too late for a sentence.
function isTrust(setting: string): boolean {
  const ranges = setting.split(",").map((range) => range.trim());
  // It would take a number of proxies for an address: 1 is 0.0.0.1.
  if (ranges.some((range) => /^\d*$/.test(range))) return false;
  try {
    return compile(ranges) !== undefined;
  } catch {
    // Its error quotes the setting and names no form.
    return false;
  }
}
