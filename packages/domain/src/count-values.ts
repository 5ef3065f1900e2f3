/** How many values stand in arrays and objects of a JSON value, at all levels; once there are more than `max` it is not counted on. */
export function countValues(value: unknown, max: number): number {
  const rest = [value];
  let count = 0;
  while (rest.length > 0 && count <= max) {
    const item = rest.pop();
    if (typeof item !== "object" || item === null) continue;
    const nested: readonly unknown[] = Array.isArray(item) ? item : Object.values(item);
    count += nested.length;
    if (count <= max) rest.push(...nested);
  }
  return count;
}
