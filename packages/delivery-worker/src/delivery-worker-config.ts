import type { deliverySettings, masterKeySettings } from "@fanfare/runtime";
import type { StoreConfig } from "@fanfare/stores";
import type { z } from "zod";

/** The settings of every delivery worker; a provider's worker has its own besides. */
export type DeliveryWorkerConfig = StoreConfig &
  z.infer<z.ZodObject<typeof masterKeySettings>> &
  z.infer<z.ZodObject<typeof deliverySettings>>;
