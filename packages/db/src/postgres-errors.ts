import { Prisma } from "./generated/prisma/client.js";

/** Whether a statement was refused because a row with that key exists already (SQLSTATE 23505). */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof Prisma.PrismaClientKnownRequestError &&
    (error.code === "P2002" || JSON.stringify(error.meta ?? {}).includes('"23505"'))
  );
}
