import type { Content } from "./content.js";

/** Where, beside the sender's data, stands what of a message the provider has no place for. `data` may not have this key. */
export const EXTRAS_KEY = "fanfare";

/** What no provider shows by itself on every device: for the app. */
export interface Extras {
  images?: string[];
  clickAction?: string;
  /** Of what nothing is shown of on Android. */
  channelId?: string;
}

/** The extras of a message's content, the same for each provider; `undefined` when it has none. */
export function extrasOf({ images, clickAction }: Pick<Content, "images" | "clickAction">): Extras | undefined {
  if (images === undefined && clickAction === undefined) return undefined;
  return { ...(images && { images }), ...(clickAction !== undefined && { clickAction }) };
}
