import { z } from "zod";

/** A field that FCM objects to. */
export interface FieldViolation {
  field: string;
  description: string;
}

/** Bytes of the keys and values of `notification` and `data`. */
const PAYLOAD_MAX_BYTES = 4_096;
const TTL_MAX_SECONDS = 2_419_200;
const RESERVED_KEY = /^(from$|gcm|google)/;

const texts = z.record(z.string(), z.string());

const androidNotification = z.strictObject({
  title: z.string().optional(),
  body: z.string().optional(),
  icon: z.string().optional(),
  color: z.string().optional(),
  sound: z.string().optional(),
  tag: z.string().optional(),
  click_action: z.string().optional(),
  channel_id: z.string().optional(),
  image: z.string().optional(),
  ticker: z.string().optional(),
  sticky: z.boolean().optional(),
  notification_count: z.int().min(0).optional(),
  notification_priority: z.string().optional(),
  visibility: z.string().optional(),
});

const androidConfig = z.strictObject({
  collapse_key: z.string().optional(),
  priority: z
    .string()
    .regex(/^(normal|high)$/i, "must be NORMAL or HIGH")
    .optional(),
  ttl: z
    .string()
    .regex(/^\d+(\.\d{1,9})?s$/, 'must be a duration such as "3.5s"')
    .refine((ttl) => Number.parseFloat(ttl) <= TTL_MAX_SECONDS, "must be at most 28 days")
    .optional(),
  restricted_package_name: z.string().optional(),
  data: texts.optional(),
  notification: androidNotification.optional(),
  fcm_options: z.strictObject({ analytics_label: z.string().optional() }).optional(),
  direct_boot_ok: z.boolean().optional(),
});

const messageSchema = z
  .strictObject({
    name: z.string().optional(),
    token: z.string().min(1).optional(),
    topic: z.string().min(1).optional(),
    condition: z.string().min(1).optional(),
    data: texts.optional(),
    notification: z
      .strictObject({ title: z.string().optional(), body: z.string().optional(), image: z.string().optional() })
      .optional(),
    android: androidConfig.optional(),
    apns: z.strictObject({ headers: texts.optional(), payload: z.looseObject({}).optional() }).optional(),
    webpush: z.looseObject({}).optional(),
    fcm_options: z.strictObject({ analytics_label: z.string().optional() }).optional(),
  })
  .refine(
    ({ token, topic, condition }) => [token, topic, condition].filter((target) => target !== undefined).length === 1,
    "must have exactly one of token, topic and condition",
  );

const requestSchema = z.strictObject({ validate_only: z.boolean().optional(), message: messageSchema });

/** A request that FCM takes. */
export type FcmRequest = z.infer<typeof requestSchema>;

/** Judges a body of `messages:send`: the request, or every field that FCM objects to. */
export function judgeFcmRequest(body: string): { request: FcmRequest } | { violations: FieldViolation[] } {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { violations: [{ field: "", description: "Invalid JSON payload received." }] };
  }
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) {
    return {
      violations: parsed.error.issues.map(({ path, message }) => ({ field: path.join("."), description: message })),
    };
  }
  const violations = [...reservedKeys(parsed.data), ...oversize(parsed.data), ...wrongForApple(parsed.data)];
  return violations.length > 0 ? { violations } : { request: parsed.data };
}

function reservedKeys({ message }: FcmRequest): FieldViolation[] {
  return Object.keys(message.data ?? {})
    .filter((key) => RESERVED_KEY.test(key))
    .map((key) => ({ field: `message.data[${key}]`, description: `Invalid data payload key: ${key}` }));
}

/**
 * What APNs would refuse or drop of what FCM hands on to it, where the real FCM does not look: a push type that is not that of the
 * payload, and headers that are none.
 */
function wrongForApple({ message: { notification, apns } }: FcmRequest): FieldViolation[] {
  const { headers = {}, payload } = apns ?? {};
  const aps = Object(payload?.aps) as Record<string, unknown>;
  const given = [notification?.title, notification?.body, aps.alert, aps.sound, aps.badge];
  const interacts = given.some((field) => field !== undefined && field !== null);
  const isBackground = headers["apns-push-type"] === "background";
  const wakes = aps["content-available"] === 1;
  const violations = Object.entries(headers)
    .filter(([, value]) => !/^[\x20-\x7e]*$/.test(value))
    .map(([name]) => ({ field: `message.apns.headers[${name}]`, description: "must be text that a header can carry" }));
  if (interacts ? isBackground : isBackground !== wakes) {
    violations.push({ field: "message.apns.headers[apns-push-type]", description: "must be the type of the payload" });
  }
  if (isBackground && headers["apns-priority"] !== "5") {
    violations.push({ field: "message.apns.headers[apns-priority]", description: "must be 5 in the background" });
  }
  return violations;
}

function oversize({ message }: FcmRequest): FieldViolation[] {
  const entries = [...Object.entries(message.notification ?? {}), ...Object.entries(message.data ?? {})];
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value ?? ""), 0);
  return bytes > PAYLOAD_MAX_BYTES ? [{ field: "message", description: "Android message is too big" }] : [];
}
