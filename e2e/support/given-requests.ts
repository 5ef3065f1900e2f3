import fc from "fast-check";

/** The texts and data of a request, or of one language of it. */
interface GivenContent {
  title?: string;
  subtitle?: string;
  body?: string;
  images?: string[];
  data?: Record<string, string>;
  clickAction?: string;
  category?: string;
}

/** What a generated request says beside its recipients. */
export interface GivenRequest {
  content: GivenContent & { localizations?: { de: GivenContent } };
  priority: "HIGH" | "LOW";
  ttl: number;
  sound?: string;
  badge?: number;
  collapseKey?: string;
  threadId?: string;
  channelId?: string;
  mutableContent?: boolean;
  pushType?: string;
  apns?: { aps?: Record<string, unknown>; [key: string]: unknown };
  fcm?: {
    android?: object;
    fcm_options?: object;
    notification?: { title: string };
    apns?: { payload: { aps: { sound: string } } };
  };
}

const isPlain = (text: string) => !/[\0\p{Cs}]|\{\{|\{%/u.test(text);

const text = fc
  .oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }),
    fc.constantFrom('"', "\\u0000token", "$&", "\u2028", "👩‍👩‍👧", "e\u0301", "\n", "<b>", "null"),
  )
  .filter(isPlain);
const value = fc.oneof({ weight: 5, arbitrary: text }, fc.constant(""));

/** Keys that are names of something elsewhere, and may be a sender's all the same. */
const NAMES = [
  "images",
  "clickAction",
  "channelId",
  "token",
  "notification",
  "android",
  "apns",
  "alert",
  "sound",
  "mdm",
];
const INHERITED = ["constructor", "toString", "toJSON", "hasOwnProperty"];
const RESERVED = ["fanfare", "aps", "from", "message_type", "collapse_key", "fcm_options", "gcm", "google.c.a"];

const key = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 8, arbitrary: fc.constantFrom(...NAMES, ...INHERITED) },
  { weight: 1, arbitrary: fc.constantFrom(...RESERVED) },
);
const data = fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 4 }).map((pairs) => Object.fromEntries(pairs));

const contentFields = {
  ...{ title: value, subtitle: value, body: value, category: text, clickAction: text, data },
  images: fc.array(
    fc.nat({ max: 99 }).map((number) => `https://example.com/${number}.png`),
    { minLength: 1, maxLength: 3 },
  ),
};
const content = fc
  .record(
    { ...contentFields, localizations: fc.record({ de: fc.record(contentFields, { requiredKeys: [] }) }) },
    { requiredKeys: [] },
  )
  .filter(({ title, body, images, data: given }) => (title ?? body ?? images ?? given) !== undefined);

/** Any of 1 to 64 bytes. */
const collapseKey = fc
  .oneof(fc.string({ minLength: 1, maxLength: 64 }), fc.string({ unit: "binary", minLength: 1, maxLength: 16 }))
  .filter((candidate) => isPlain(candidate) && Buffer.byteLength(candidate) <= 64);

const PUSH_TYPES = ["alert", "background", "voip", "liveactivity", "location"];
const apns = fc.constantFrom<NonNullable<GivenRequest["apns"]>>(
  { aps: { alert: "own" } },
  { aps: { alert: null, sound: null, badge: null } },
  { aps: { sound: { critical: 1, name: "siren" } } },
  { aps: { "interruption-level": "passive" }, own: [1] },
  { aps: { "content-available": 0 } },
);
const fcm = fc.constantFrom<NonNullable<GivenRequest["fcm"]>>(
  { android: { direct_boot_ok: true } },
  { fcm_options: { analytics_label: "own" } },
  { notification: { title: "own" } },
  { apns: { payload: { aps: { sound: "own" } } } },
);

/** A request with fields of every kind, most of which are valid; without recipients. */
export const aRequest: fc.Arbitrary<GivenRequest> = fc
  .record(
    {
      ...{ content, priority: fc.constantFrom("HIGH", "LOW"), ttl: fc.constantFrom(0, 60, 2_419_200) },
      ...{ sound: text, badge: fc.nat({ max: 99 }), collapseKey, threadId: text, channelId: text },
      ...{ mutableContent: fc.boolean(), apns, fcm },
      pushType: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.constantFrom(...PUSH_TYPES)),
    },
    { requiredKeys: ["content", "priority", "ttl"] },
  )
  .map((request) => JSON.parse(JSON.stringify(request)) as GivenRequest);

/** The content as it is in one language. */
export function contentIn({ content: given }: GivenRequest, language: "de" | undefined): GivenContent {
  const { localizations, ...own } = given;
  return { ...own, ...(language && localizations?.[language]) };
}

/** Whether a push type is one that its sender has to name. */
export const isSpecial = (pushType: string | undefined): boolean =>
  pushType !== undefined && pushType !== "alert" && pushType !== "background";

/** Whether Apple's payload has text, sound or badge, by what its sender wrote, in a language. */
export function isNoticedIn(request: GivenRequest, language: "de" | undefined): boolean {
  const { title, subtitle, body } = contentIn(request, language);
  const given: Record<string, unknown> = {
    alert: title ?? subtitle ?? body,
    sound: request.sound,
    badge: request.badge,
  };
  return Object.values({ ...given, ...pick(request.apns?.aps, Object.keys(given)) }).some(
    (field) => (field ?? null) !== null,
  );
}

function pick(fields: Record<string, unknown> | undefined, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([name]) => names.includes(name)));
}

/** Pointers of what is wrong with a request, in order: reserved keys, and where there are none what contradicts its push type. */
export function faultsOf(request: GivenRequest): string[] {
  const { content: given, pushType, apns: override } = request;
  const reserved = [
    ...reservedIn("/content", given),
    ...reservedIn("/content/localizations/de", given.localizations?.de ?? {}),
  ];
  if (reserved.length > 0) return reserved.sort();
  const noticed = given.localizations
    ? [isNoticedIn(request, undefined), isNoticedIn(request, "de")]
    : [isNoticedIn(request, undefined)];
  const faults: string[] = [];
  if (pushType === "background" && noticed.includes(true)) faults.push("/pushType");
  if (pushType === "alert" && noticed.includes(false)) faults.push("/pushType");
  if (!isSpecial(pushType) && noticed.includes(false) && override?.aps?.["content-available"] === 0) {
    faults.push("/apns/aps/content-available");
  }
  return faults.sort();
}

function reservedIn(pointer: string, { data: given = {} }: GivenContent): string[] {
  return Object.keys(given)
    .filter((name) => RESERVED.includes(name) || /^(gcm|google)/.test(name))
    .map((name) => `${pointer}/data/${name}`);
}
