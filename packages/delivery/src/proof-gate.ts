/** Lets one call through at a time until one came back that the credential was not refused for. */
export interface ProofGate {
  /** Runs `call`, now or when its turn has come; it says with `leave`, once, whether it has proven the credential. */
  enter(call: (leave: (proven: boolean) => void) => void): void;
}

/**
 * Makes a gate: of a credential that nobody has tried yet, a thousand calls would come to a thousand refusals before the first
 * answer is there. APNs itself allows one stream until a provider token was accepted (Apple, "Establishing a token-based
 * connection to APNs").
 */
export function createProofGate(): ProofGate {
  let proven = false;
  let busy = false;
  let draining = false;
  let waiting: ((leave: (isProven: boolean) => void) => void)[] = [];
  let head = 0;
  const nothing = () => undefined;

  // A loop, not a recursion: calls that are held back leave before `call` returns, and thousands may do so in a row.
  function next(): void {
    if (draining) return;
    draining = true;
    while (!busy && !proven && head < waiting.length) {
      busy = true;
      waiting[head++]?.(leave);
    }
    if (head === waiting.length) forget();
    draining = false;
  }

  function leave(isProven: boolean): void {
    busy = false;
    if (!isProven) {
      next();
      return;
    }
    proven = true;
    const all = waiting.slice(head);
    forget();
    for (const call of all) call(nothing);
  }

  function forget(): void {
    waiting = [];
    head = 0;
  }

  return {
    enter(call) {
      if (proven) return call(nothing);
      waiting.push(call);
      next();
    },
  };
}
