import { z } from "zod";

/** The push services that Fanfare delivers through. `APN` is the wire literal for Apple's service. */
export const providerSchema = z.enum(["FCM", "APN"]);

/** `"FCM"` or `"APN"`. */
export type Provider = z.infer<typeof providerSchema>;

/** Every provider, in the order in which listings show them. */
export const PROVIDERS: readonly Provider[] = providerSchema.options;
