import type { StoredOperation, StoredOperationError } from "@fanfare/db";
import { formatId, notificationUuid, type OperationErrorResource, type OperationResource } from "@fanfare/domain";
import { explainCode } from "./code-meanings.js";

/** An operation as the API shows it. */
export function toOperationResource(operation: StoredOperation): OperationResource {
  const { id, status, stats, createdAt, updatedAt, tags, scheduledFor, completedAt } = operation;
  return {
    id: formatId("operation", id),
    status,
    stats,
    tags,
    scheduledFor: scheduledFor?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    completedAt: completedAt?.toISOString() ?? null,
  };
}

/** Everything that went wrong with an operation: what providers said, and recipients that were left out. */
export function toOperationErrors(
  operation: StoredOperation,
  errors: readonly StoredOperationError[],
): OperationErrorResource[] {
  const idOf = (ordinal: number) => formatId("notification", notificationUuid(operation.id, ordinal));
  const failed = errors.map(({ code, provider, count, sampleOrdinals }) => {
    const { title, detail, isProviders } = explainCode(provider, code);
    const providerCode = isProviders ? code : null;
    return { code, provider, providerCode, title, detail, count, sampleNotificationIds: sampleOrdinals.map(idOf) };
  });
  const leftOut = [
    {
      code: "DUPLICATE",
      count: operation.duplicates,
      ordinals: operation.duplicateSamples.map(({ keptOrdinal }) => keptOrdinal),
    },
    { code: "UNADDRESSABLE", count: operation.stats.unaddressable, ordinals: [] },
  ].flatMap(({ code, count, ordinals }) => {
    if (count === 0) return [];
    const { title, detail } = explainCode(null, code);
    const where = operation.duplicateSamples.map(({ pointer }) => pointer).join(", ");
    const at = code === "DUPLICATE" && where ? ` The first of them: ${where}.` : "";
    const sampleNotificationIds = [...new Set(ordinals)].map(idOf);
    return [{ code, provider: null, providerCode: null, title, detail: detail + at, count, sampleNotificationIds }];
  });
  return [...failed, ...leftOut].sort((a, b) => b.count - a.count);
}
