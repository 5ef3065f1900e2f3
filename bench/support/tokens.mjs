/** Lengths of the real ones: APNs 64, FCM 163 characters. */
const LENGTH = { APN: 64, FCM: 163 };

/** A device token of a real one's length that tells which one it is. */
export function deviceToken(provider, prefix, number) {
  return `${prefix}-${number}-`.padEnd(LENGTH[provider], "x");
}

/** Recipients number `first` and following, every second one FCM's. */
export function recipients(prefix, first, count) {
  return Array.from({ length: count }, (_, index) => {
    const provider = (first + index) % 2 === 0 ? "FCM" : "APN";
    return { provider, token: deviceToken(provider, prefix, first + index) };
  });
}

export const CONTENT = { title: "Boarding", body: "Gate A1 in one hour" };
