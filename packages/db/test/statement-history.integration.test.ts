import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createTestDatabase } from "@fanfare/testkit";
import { connectDb, type Db } from "../src/connect.js";
import { Prisma } from "../src/generated/prisma/client.js";
import { queryDirectly } from "../src/query-directly.js";

const STATEMENT = 4_000_000;
const TIMES = 20;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Db;
/** Of all tests: what one has left in memory is not excused for the next. */
let heapBefore: number;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectDb(database.url);
  await db.$queryRaw`select 1`;
  heapBefore = heapBytes();
});
afterAll(async () => {
  await db.$disconnect();
  await database.drop();
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const text = (index: number) => String(index).padEnd(STATEMENT, "x");

test.each<[string, (index: number) => Promise<unknown>]>([
  ["the client", (index) => db.$queryRaw`select length(${text(index)})`],
  ["the client, without rows", (index) => db.$executeRaw`select length(${text(index)})`],
  ["a transaction", (index) => db.$transaction((tx) => tx.$queryRaw`select length(${text(index)})`)],
  ["a statement past the client", (index) => queryDirectly(db, Prisma.sql`select length(${text(index)})`)],
])("large statements by way of %s do not stay in memory", async (_what, ask) => {
  for (let index = 0; index < TIMES; index++) await ask(index);
  // Of the last one a copy may be left.
  expect(heapBytes() - heapBefore).toBeLessThan(3 * STATEMENT);
});
