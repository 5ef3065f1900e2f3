import {
  type FannedOut,
  type FanOutOperation,
  type NewDeliveryBatch,
  type NewNotification,
  newDeliveryBatch,
  type RecipientBatch,
} from "@fanfare/db";
import {
  type Address,
  type DeliveryLine,
  PROVIDERS,
  type Provider,
  perProvider,
  type Recipient,
  type Rendered,
} from "@fanfare/domain";
import { RenderError } from "@fanfare/templates";
import type { GiveWay } from "./give-way.js";
import type { Personalize } from "./render-content.js";
import type { UsableAddresses } from "./usable-addresses.js";

/** Lines of one delivery batch at most. */
export const DELIVERY_BATCH_SIZE = 500;

/**
 * What becomes of the recipients of a batch: lines by provider, in order, at most 500 to a delivery batch. Rejects with what
 * `giveWay` rejects with, which is asked after each.
 */
export async function fanOut(
  { operation, firstOrdinal, recipients }: Pick<RecipientBatch, "operation" | "firstOrdinal" | "recipients">,
  usableAddresses: UsableAddresses,
  personalize: Personalize | undefined,
  giveWay: GiveWay,
): Promise<FannedOut> {
  const none = (): DeliveryLine[] => [];
  const lines = { single: perProvider(none), addressed: perProvider(none) };
  const notifications: NewNotification[] = [];
  let unaddressable = 0;

  for (const [index, recipient] of recipients.entries()) {
    const ordinal = firstOrdinal + index;
    const addresses = usableAddresses(recipient);
    if (addresses.length === 0) {
      unaddressable++;
      continue;
    }
    const personal = tryPersonalize(personalize, recipient);
    await giveWay();
    if ("error" in personal) {
      notifications.push({ ordinal, status: "FAILED", ...describe(recipient), error: personal.error, addresses: [] });
      continue;
    }
    const { rendered } = personal;
    if ("token" in recipient) {
      lines.single[recipient.provider].push({ ordinal, token: recipient.token, rendered });
      continue;
    }
    const states = toStates(recipient, addresses);
    notifications.push({ ordinal, status: "QUEUED", ...describe(recipient), rendered, addresses: states });
    for (const [position, { provider, token, status }] of states.entries()) {
      if (status === "QUEUED") lines.addressed[provider].push({ ordinal, token, rendered, position });
    }
  }

  const deliveryBatches = PROVIDERS.flatMap((provider) => [
    ...cut(operation, provider, lines.single[provider], false),
    ...cut(operation, provider, lines.addressed[provider], true),
  ]);
  return { deliveryBatches, notifications, unaddressable };
}

function tryPersonalize(
  personalize: Personalize | undefined,
  recipient: Recipient,
): { rendered: Rendered | undefined } | { error: { code: string; detail: string } } {
  try {
    return { rendered: personalize?.(recipient) };
  } catch (error) {
    if (error instanceof RenderError) return { error: { code: "RENDER_ERROR", detail: error.message } };
    throw error;
  }
}

/** A batch of one recipient, which kills whoever fans it out: its notification fails, and no provider is called. */
export function failForCrashes({ firstOrdinal, recipients }: RecipientBatch): FannedOut {
  const detail = "Each worker that prepared it for its recipient died, the last one while it did nothing else.";
  const error = { code: "WORKER_CRASHED", detail };
  const notifications = recipients.map((recipient, index): NewNotification => {
    return { ordinal: firstOrdinal + index, status: "FAILED", ...describe(recipient), error, addresses: [] };
  });
  return { deliveryBatches: [], notifications, unaddressable: 0 };
}

/** What a notification's row says of its recipient. */
function describe(recipient: Recipient): Pick<NewNotification, "address" | "userId" | "policy"> {
  if ("token" in recipient) return { address: { provider: recipient.provider, token: recipient.token } };
  if ("userId" in recipient) return { userId: recipient.userId, policy: "ALL" };
  return { policy: recipient.policy === "first" ? "FIRST" : "ALL" };
}

/** Of a list to be tried one after the other only the first address begins. */
function toStates(recipient: Recipient, addresses: readonly Address[]): NewNotification["addresses"] {
  const oneByOne = "addresses" in recipient && recipient.policy === "first";
  return addresses.map(({ provider, token }, position) => {
    return { provider, token, status: oneByOne && position > 0 ? "SCHEDULED" : "QUEUED" };
  });
}

function cut(
  operation: FanOutOperation,
  provider: Provider,
  lines: DeliveryLine[],
  addressed: boolean,
): NewDeliveryBatch[] {
  const batches: NewDeliveryBatch[] = [];
  for (let start = 0; start < lines.length; start += DELIVERY_BATCH_SIZE) {
    const slice = lines.slice(start, start + DELIVERY_BATCH_SIZE);
    batches.push(newDeliveryBatch(operation, provider, slice, addressed));
  }
  return batches;
}
