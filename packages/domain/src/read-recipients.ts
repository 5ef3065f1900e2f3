import { parseId } from "./ids.js";
import { isJsonObject } from "./json.js";
import { isProvider } from "./provider.js";
import {
  ADDRESSES_MAX,
  type Address,
  isDotSegment,
  type Recipient,
  recipientSchema,
  TOKEN_MAX_LENGTH,
  VARIABLES_MAX_BYTES,
} from "./recipient.js";

/** What nearly every token consists of: a cheaper question than which characters of Unicode are visible. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Recipients of a parsed JSON body as their schema makes them of it; `undefined` when one of them is not valid: what is
 * wrong with it the schema says. The forms that nearly all have are read by hand: 10,000 of them take 1 ms, through the
 * union of the schema 19 ms.
 */
export function readRecipients(values: readonly unknown[]): Recipient[] | undefined {
  const recipients: Recipient[] = [];
  for (const value of values) {
    const recipient = readCommon(value) ?? recipientSchema.safeParse(value).data;
    if (!recipient) return undefined;
    recipients.push(recipient);
  }
  return recipients;
}

type Fields = Readonly<Record<string, unknown>>;

/** A recipient in a common form, as the schema would have it; `undefined`: ask the schema. */
function readCommon(value: unknown): Recipient | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Fields;
  const count = countFields(value);
  if (fields.addresses !== undefined) return readAddresses(fields, count);
  if (fields.userId !== undefined) return count === 1 ? readUser(fields) : undefined;
  if (!isAddress(fields)) return undefined;
  if (count === 2) return fields;
  const { variables, provider, token } = fields as Address & Fields;
  return count === 3 && isJsonObject(variables, VARIABLES_MAX_BYTES) ? { provider, token, variables } : undefined;
}

function readUser({ userId }: Fields): Recipient | undefined {
  const uuid = typeof userId === "string" ? parseId("pushnotificationuser", userId) : undefined;
  return uuid === undefined ? undefined : { userId: uuid };
}

function readAddresses({ addresses, policy }: Fields, count: number): Recipient | undefined {
  if (!Array.isArray(addresses) || addresses.length < 1 || addresses.length > ADDRESSES_MAX) return undefined;
  if (!addresses.every(isAddressAlone)) return undefined;
  if (count === 1) return { addresses, policy: "first" };
  return count === 2 && (policy === "first" || policy === "all") ? { addresses, policy } : undefined;
}

const isAddressAlone = (value: unknown): value is Address =>
  typeof value === "object" && value !== null && isAddress(value as Fields) && countFields(value) === 2;

// Without an array of the names.
function countFields(value: object): number {
  let count = 0;
  for (const _name in value) count += 1;
  return count;
}

function isAddress(fields: Fields): fields is Address & Fields {
  const { provider, token } = fields;
  return (
    isProvider(provider) &&
    typeof token === "string" &&
    token.length <= TOKEN_MAX_LENGTH &&
    VISIBLE_ASCII.test(token) &&
    !isDotSegment(token)
  );
}
