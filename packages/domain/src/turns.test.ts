import { createTurns } from "./turns.js";

/** Something that runs until it is told to end. */
function task(order: string[], name: string) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = async () => {
    order.push(`${name} begins`);
    await ended;
    order.push(`${name} ends`);
  };
  return { run, end };
}

const soon = () => new Promise(setImmediate);

test("what runs alone begins when nothing else runs, and nothing else begins before it ends", async () => {
  const turns = createTurns();
  const order: string[] = [];
  const first = task(order, "first");
  const second = task(order, "second");
  const alone = task(order, "alone");
  const later = task(order, "later");
  const all = [turns.shared(first.run), turns.shared(second.run), turns.alone(alone.run), turns.shared(later.run)];
  await soon();
  expect(order).toEqual(["first begins", "second begins"]);
  first.end();
  await soon();
  expect(order).toEqual(["first begins", "second begins", "first ends"]);
  second.end();
  await soon();
  expect(order.slice(3)).toEqual(["second ends", "alone begins"]);
  alone.end();
  await soon();
  expect(order.slice(5)).toEqual(["alone ends", "later begins"]);
  later.end();
  await Promise.all(all);
});

test("what fails gives its turn on all the same", async () => {
  const turns = createTurns();
  const fail = async () => {
    throw new Error("on purpose");
  };
  await expect(turns.alone(fail)).rejects.toThrow("on purpose");
  await expect(turns.shared(fail)).rejects.toThrow("on purpose");
  expect(await turns.alone(async () => "its turn")).toBe("its turn");
});
