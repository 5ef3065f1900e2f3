import type { StoredOperation } from "@fanfare/db";
import { formatId, type OperationResource } from "@fanfare/domain";

/** An operation as the API shows it. */
export function toOperationResource(operation: StoredOperation): OperationResource {
  const { id, status, stats, createdAt, updatedAt, tags, completedAt } = operation;
  return {
    id: formatId("operation", id),
    status,
    stats,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    tags,
    completedAt: completedAt?.toISOString() ?? null,
  };
}
