import { UtcPool, withClient } from "@fanfare/postgres";
import { createTestDatabase, type TestDatabase, type Way, waysTo } from "@fanfare/testkit";
import pg from "pg";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => {
  delete process.env.PGOPTIONS;
});
afterAll(() => database?.drop());

const zoneOf = async (client: Pick<pg.Client, "query">) =>
  (await client.query<{ TimeZone: string }>("show timezone")).rows[0]?.TimeZone;

async function zoneInPool(url: string, config: pg.PoolConfig = {}): Promise<string | undefined> {
  const pool = new UtcPool({ connectionString: url, ...config });
  return zoneOf(pool).finally(() => pool.end());
}

const zoneWithClient = (url: string) => withClient(url, "test", zoneOf);

test("the databases of the tests are in another zone, as whoever does not ask for UTC is told", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  expect(await zoneOf(client)).toBe("Asia/Kolkata");
  await client.end();
});

const others: [string, () => Promise<string> | string][] = [
  ["the role", () => database.url],
  ["the database", inAnotherZone],
  ["options of the URL", () => `${database.url}?options=-c%20TimeZone%3DAsia%2FKolkata`],
  [
    "PGOPTIONS",
    () => {
      process.env.PGOPTIONS = "-c TimeZone=Asia/Kolkata";
      return database.url;
    },
  ],
];

async function inAnotherZone(): Promise<string> {
  const name = new URL(database.url).pathname.slice(1);
  const set = `alter role fanfare in database ${name} set timezone to 'America/Los_Angeles'`;
  await withClient(database.url, "test", (client) => client.query(set));
  return database.url;
}

test.each(others)("a connection is in UTC whatever the zone of %s", async (_what, urlOf) => {
  const url = await urlOf();
  expect(await zoneInPool(url)).toBe("UTC");
  expect(await zoneInPool(url, { options: "-c search_path=public" })).toBe("UTC");
  expect(await zoneWithClient(url)).toBe("UTC");
});

describe.each(waysTo())("$way", ({ open }) => {
  let way: Way;
  beforeAll(async () => {
    way = await open(database.url);
  });
  afterAll(() => way?.close());

  test("a connection is in UTC beside those of another zone", async () => {
    const stranger = new pg.Client({ connectionString: way.url });
    const pool = new UtcPool({ connectionString: way.url, options: "-c search_path=public", statement_timeout: 5_000 });
    await stranger.connect();
    await stranger.query("set timezone to 'Asia/Tokyo'");
    for (let round = 0; round < 3; round++) {
      expect(await zoneOf(stranger)).toBe("Asia/Tokyo");
      expect(await zoneOf(pool)).toBe("UTC");
      expect(await zoneWithClient(way.url)).toBe("UTC");
    }
    await stranger.end();
    await pool.end();
  });
});
