import { queueSchemaOf } from "./queue-schema.js";

test.each([
  ["public", "bullmq"],
  ["push", "push_bullmq"],
  ["Push", "Push_bullmq"],
  ["bullmq", "bullmq_bullmq"],
  ["Push-1", "bullmq_418930d2ab5f22ff"],
])("the tables in %s, the queues in %s", (tables, queues) => {
  expect(queueSchemaOf(tables)).toBe(queues);
});

test.each(["Push-1", "2push", "ä", "x".repeat(57), "push one"])("%s makes a name that BullMQ takes", (tables) => {
  expect(queueSchemaOf(tables)).toMatch(/^bullmq_[0-9a-f]{16}$/);
  expect(queueSchemaOf(tables)).not.toBe(queueSchemaOf(`${tables}x`));
});
