import { connectDb, disconnectDb } from "@fanfare/db";
import { createOperationWatch } from "./operation-watch.js";

test("who comes after the end is told of it at once", async () => {
  const db = connectDb("postgres://nobody@127.0.0.1:1/none");
  const watch = createOperationWatch(db, () => undefined);
  const told: unknown[] = [];
  watch.subscribe("before", (state) => told.push(["before", state]));
  watch.close();
  const unsubscribe = watch.subscribe("after", (state) => told.push(["after", state]));
  unsubscribe();
  expect(told).toEqual([
    ["before", undefined],
    ["after", undefined],
  ]);
  await disconnectDb(db);
});
