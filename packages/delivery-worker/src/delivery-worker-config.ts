import {
  deliverySettings,
  healthSettings,
  logSettings,
  MASTER_KEY_PAIR,
  masterKeySettings,
  oneRedis,
  storeSettings,
  wholePairs,
} from "@fanfare/runtime";
import type { z } from "zod";

/** The settings of every delivery worker; a provider's worker has its own besides. */
export const deliveryWorkerSettings = {
  ...storeSettings,
  ...masterKeySettings,
  ...deliverySettings,
  ...healthSettings,
  ...logSettings,
};

/** See {@link deliveryWorkerSettings}. */
export type DeliveryWorkerConfig = z.infer<z.ZodObject<typeof deliveryWorkerSettings>>;

/** A schema that has {@link deliveryWorkerSettings}, and refuses those that do not go together. */
export const deliveryWorkerSchema = <Schema extends z.ZodType<DeliveryWorkerConfig>>(settings: Schema): Schema =>
  wholePairs(oneRedis(settings), MASTER_KEY_PAIR);
