/** The value below which a share of the values lies; `NaN` of none. */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => percentile(values, 0.5);

/** Welch's t of two samples: beyond ±4.5 they are not of one distribution, by the usual measure of leaks in time. */
export function welchT(a, b) {
  const [first, second] = [a, b].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, ofMean: variance / values.length };
  });
  return (first.mean - second.mean) / Math.sqrt(first.ofMean + second.ofMean);
}

/** What is said of a latency: everything in milliseconds. */
export function latencySummary(values) {
  return {
    count: values.length,
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    p99: percentile(values, 0.99),
    max: percentile(values, 1),
  };
}
