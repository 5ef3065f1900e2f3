const TICK_MS = 250;

/**
 * Waits for something on behalf of a line, as long as that is wanted: resolves with it, or with `undefined` soon after the line is
 * wanted no more. Rejects as `coming` does.
 */
export function whileWanted<Value extends object | string>(
  coming: Promise<Value>,
  isWanted: () => boolean,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => isWanted() || end(undefined), TICK_MS);
    const end = (value: Value | undefined) => {
      clearInterval(timer);
      resolve(value);
    };
    coming.then(end, (error) => {
      clearInterval(timer);
      reject(error);
    });
  });
}
