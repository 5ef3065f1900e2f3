// The least that anybody pays who takes a request and keeps it: an Express route with one Prisma `create`.
import { randomUUID } from "node:crypto";
import process from "node:process";
import { connectDb } from "@fanfare/db";
import express from "express";

const db = connectDb(process.env.DATABASE_URL, { poolSize: 5 });
const operationId = randomUUID();
let ordinal = 0;

const app = express();
app.post("/", express.json(), async (req, res) => {
  const [{ provider, token }] = req.body.to;
  const data = {
    operationId,
    ordinal: ++ordinal,
    provider,
    token,
    status: "QUEUED",
    attempts: 0,
    updatedAt: new Date(),
  };
  const created = await db.notification.create({ data });
  res.status(202).json({ id: `${created.operationId}-${created.ordinal}` });
});
const server = app.listen(0, "127.0.0.1", () => {
  process.send({ ready: true, url: `http://127.0.0.1:${server.address().port}` });
});
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
