import { createAcceptSlots } from "./accept-slots.js";

/** Something to be stored that ends when the test says so. */
function aStore() {
  let finish: () => void = () => undefined;
  let begun = false;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const store = () => {
    begun = true;
    return finished;
  };
  return { store, finish: () => finish(), begun: () => begun };
}

test("only so many store at once, and the next ones follow in the order in which they came", async () => {
  const slots = createAcceptSlots(2, 60_000);
  const stores = Array.from({ length: 4 }, aStore);
  const runs = stores.map(({ store }) => slots.run(store));
  await new Promise(setImmediate);
  expect(stores.map(({ begun }) => begun())).toEqual([true, true, false, false]);
  stores[1]?.finish();
  await runs[1];
  await new Promise(setImmediate);
  expect(stores.map(({ begun }) => begun())).toEqual([true, true, true, false]);
  for (const { finish } of stores) finish();
  await Promise.all(runs);
});

test("who waits too long is refused, and is never stored though a slot becomes free", async () => {
  const slots = createAcceptSlots(1, 20);
  const first = aStore();
  const late = aStore();
  const running = slots.run(first.store);
  await expect(slots.run(late.store)).rejects.toMatchObject({ code: "overloaded", retryAfterSeconds: 1 });
  first.finish();
  await running;
  await slots.run(async () => undefined);
  expect(late.begun()).toBe(false);
});

test("a store that fails gives its slot back", async () => {
  const slots = createAcceptSlots(1, 60_000);
  await expect(slots.run(() => Promise.reject(new Error("disk full")))).rejects.toThrow("disk full");
  expect(await slots.run(async () => "stored")).toBe("stored");
});

test("once the database is found to be silent nobody waits for it in line; who comes later asks anew", async () => {
  const slots = createAcceptSlots(1, 60_000, (error) => (error as Error).message === "silent");
  const first = slots.run(() => Promise.reject(new Error("silent")));
  const late = aStore();
  const waiting = [slots.run(late.store), slots.run(late.store)];
  await expect(first).rejects.toThrow("silent");
  for (const one of waiting) await expect(one).rejects.toMatchObject({ code: "unavailable" });
  expect(late.begun()).toBe(false);
  expect(await slots.run(async () => "stored")).toBe("stored");
});
