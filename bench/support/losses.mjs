/** Adds up what was lost and what came twice, wherever a scenario counted it. */
export function lossesOf(results) {
  const total = { lost: 0, duplicates: 0 };
  const look = (value) => {
    if (typeof value !== "object" || value === null) return;
    // The rounds of a client are in its sums already.
    for (const [name, inner] of Object.entries(value)) if (name !== "rounds") look(inner);
    total.lost += value.lost ?? 0;
    total.duplicates += value.duplicates ?? 0;
  };
  look(results);
  return total;
}
