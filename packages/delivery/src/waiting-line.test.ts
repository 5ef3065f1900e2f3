import { createWaitingLine, type Waiting } from "./waiting-line.js";

const entry = (since: number): Waiting => ({
  request: { path: `/${since}`, headers: {}, body: Buffer.alloc(0) },
  settle: () => undefined,
  ...{ since, wasSent: false, tries: 1 },
});
const order = (entries: readonly (Waiting | undefined)[]) => entries.map((waiting) => waiting?.since);

test("requests leave in the order in which they came, however many pass through", () => {
  const line = createWaitingLine();
  const left: (number | undefined)[] = [];
  for (let round = 0; round < 1_000; round++) {
    for (let n = 0; n < 4; n++) line.add(entry(round * 4 + n));
    for (let n = 0; n < 3; n++) left.push(line.next()?.since);
  }
  expect(line.size).toBe(1_000);
  expect([...left, ...order(line.drain())]).toEqual(Array.from({ length: 4_000 }, (_, n) => n));
  expect([line.size, line.first(), line.next()]).toEqual([0, undefined, undefined]);
});

test("what was sent before goes first, the earliest sent first, in whatever order it comes back", () => {
  const line = createWaitingLine();
  line.add(entry(10));
  for (const since of [4, 5, 3, 6, 4]) line.addAgain(entry(since));
  line.add(entry(11));
  expect(line.first()?.since).toBe(3);
  expect(order([line.next(), line.next()])).toEqual([3, 4]);
  line.addAgain(entry(1));
  expect(order(line.drain())).toEqual([1, 4, 5, 6, 10, 11]);
});
