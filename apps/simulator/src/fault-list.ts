/** How long a fault lasts: until it was met so many times, or so many milliseconds; both absent: until it is taken away. */
export interface Lasting {
  times?: number | undefined;
  durationMs?: number | undefined;
}

/** Faults that are set at the moment. */
export interface FaultList<Fault extends Lasting & { kind: string }> {
  add(fault: Fault): void;
  list(): Fault[];
  /** The first fault that fits, counted as met once more; `undefined` for none. */
  take(fits: (fault: Fault) => boolean): Fault | undefined;
  clear(): void;
}

/** Makes an empty list. `onChange` hears of every change of what is set. */
export function createFaultList<Fault extends Lasting & { kind: string }>({
  countFault,
  onChange = () => undefined,
}: {
  countFault(kind: string): void;
  onChange?: () => void;
}): FaultList<Fault> {
  const timers = new Map<Fault, NodeJS.Timeout | undefined>();

  function remove(fault: Fault): void {
    clearTimeout(timers.get(fault));
    timers.delete(fault);
    onChange();
  }

  return {
    add(given) {
      const fault = { ...given };
      const { durationMs } = fault;
      timers.set(fault, durationMs === undefined ? undefined : setTimeout(() => remove(fault), durationMs).unref());
      onChange();
    },
    list: () => [...timers.keys()],
    take(fits) {
      for (const fault of timers.keys()) {
        if (!fits(fault)) continue;
        countFault(fault.kind);
        if (fault.times !== undefined && --fault.times === 0) remove(fault);
        return fault;
      }
      return undefined;
    },
    clear() {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      onChange();
    },
  };
}
