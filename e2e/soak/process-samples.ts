import { readdirSync, readFileSync } from "node:fs";

/** A process at one moment. */
export interface ProcessSample {
  /** Recipients that had ended by then. */
  done: number;
  rssMb: number;
  /** Open files and sockets. */
  descriptors: number;
}

/** Samples of the processes of a run, by name; one that is started again begins anew. */
export interface ProcessSamples {
  take(done: number): void;
  /** Of those processes that live now. */
  all(): ReadonlyMap<string, readonly ProcessSample[]>;
}

/** Keeps samples of processes, as Linux tells of them under /proc. */
export function createProcessSamples(names: readonly string[], pidOf: (name: string) => number | undefined) {
  const samples = new Map<string, { pid: number; samples: ProcessSample[] }>();

  function take(done: number): void {
    for (const name of names) {
      const pid = pidOf(name);
      const sample = pid === undefined ? undefined : sampleOf(pid, done);
      if (pid === undefined || !sample) continue;
      const known = samples.get(name);
      if (known?.pid === pid) known.samples.push(sample);
      else samples.set(name, { pid, samples: [sample] });
    }
  }

  const all = () => new Map([...samples].map(([name, { samples: own }]) => [name, own]));
  return { take, all } satisfies ProcessSamples;
}

function sampleOf(pid: number, done: number): ProcessSample | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return { done, rssMb: Number(kilobytes ?? 0) / 1_024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}

/** How a process's memory and descriptors grew over the second half of its samples, when it was warm. */
export interface Growth {
  samples: number;
  rssMb: number;
  /** Slope of a straight line through them (least squares). */
  rssMbPer100k: number;
  descriptors: number;
  descriptorsPer100k: number;
}

/** Works the growth out; `undefined` when there is too little to tell. */
export function growthOf(samples: readonly ProcessSample[]): Growth | undefined {
  const warm = samples.slice(Math.floor(samples.length / 2));
  const last = warm.at(-1);
  if (!last || warm.length < 3) return undefined;
  const slope = (of: (sample: ProcessSample) => number) => slopeOf(warm.map((sample) => [sample.done, of(sample)]));
  return {
    samples: samples.length,
    rssMb: last.rssMb,
    rssMbPer100k: slope(({ rssMb }) => rssMb) * 100_000,
    descriptors: last.descriptors,
    descriptorsPer100k: slope(({ descriptors }) => descriptors) * 100_000,
  };
}

function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
