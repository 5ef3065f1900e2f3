/** Lets many things run beside each other, and now and then one alone. */
export interface Turns {
  /** Runs beside others, once nothing runs alone or waits to. */
  shared<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Runs once nothing else does, and keeps everything else waiting. */
  alone<Result>(run: () => Promise<Result>): Promise<Result>;
}

/** Makes turns. Who waits gets its turn in the order of coming: neither kind holds the other up for ever. */
export function createTurns(): Turns {
  let shared = 0;
  let alone = false;
  const waiting: { alone: boolean; begin: () => void }[] = [];

  function next(): void {
    for (let first = waiting[0]; first; first = waiting[0]) {
      if (alone || (first.alone && shared > 0)) return;
      waiting.shift();
      if (first.alone) alone = true;
      else shared++;
      first.begin();
    }
  }

  const turn = (isAlone: boolean) =>
    new Promise<void>((begin) => {
      waiting.push({ alone: isAlone, begin });
      next();
    });

  return {
    async shared(run) {
      await turn(false);
      try {
        return await run();
      } finally {
        shared--;
        next();
      }
    },
    async alone(run) {
      await turn(true);
      try {
        return await run();
      } finally {
        alone = false;
        next();
      }
    },
  };
}
