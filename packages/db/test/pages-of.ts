import type { Db } from "@fanfare/db";
import type { Prisma } from "../src/generated/prisma/client.js";

interface PlanNode {
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: PlanNode[];
}

/** Pages that the costliest part of a statement touches, which is made: unlike time, the same on every machine. */
export async function pagesOf(db: Db, query: Prisma.Sql): Promise<number> {
  const [line] = await db.$queryRaw<{ "QUERY PLAN": [{ Plan: PlanNode }] }[]>`
    explain (analyze, buffers, timing off, format json) ${query}`;
  return line ? mostPages(line["QUERY PLAN"][0].Plan) : 0;
}

// What a `with` writes is not counted to the statement as a whole.
function mostPages({ Plans = [], ...node }: PlanNode): number {
  return Math.max(node["Shared Hit Blocks"] + node["Shared Read Blocks"], ...Plans.map(mostPages));
}
