import type { PerProvider } from "./provider.js";

const credentials = {
  FCM: "comms_credential_01kjpwd6m0cjcmr813paqbr0cs",
  APN: "comms_credential_01kjpwpbk0g6b2ej9pqqn60b7n",
} satisfies PerProvider<string>;

/**
 * What the examples in the API's reference tell, so that they agree with one another: an airline says on the 5th of April 2026 that it
 * boards, to an Android phone, to an iPhone, and to a user whose only device is gone.
 */
export const EXAMPLE = {
  /** Where Fanfare is reached. */
  baseUrl: "https://push.example.com",
  ids: {
    account: "AC0123456789abcdef0123456789abcdef",
    apiKey: "SKfedcba9876543210fedcba9876543210",
    operation: "comms_operation_01kne4rnm0brfjn71vfn200000",
    /** Of the first recipient. */
    notification: "comms_notification_01kne4rnm0brfjn71vfn200001",
    attempt: "comms_attempt_01kne4rnm0brfjn71vfn200001_1",
    credential: credentials.FCM,
    device_registration: "comms_device_registration_01kkcdmm20m16xthtkt30wswjf",
    pushnotificationuser: "comms_pushnotificationuser_01kkcdmm2097yqan62ayy44kbr",
    event: "comms_event_01kjpwd6m04sac61gnp2s0c9sj",
  },
  credentials,
  /** Of the third recipient, the user. */
  undelivered: "comms_notification_01kne4rnm0brfjn71vfn200003",
  fcmToken: "dQvBexampleFcmToken",
  apnToken: "9f86d081884c7d65",
  /** Of the user's device. */
  goneToken: "eKwCexampleFcmToken",
  appName: "airline",
  tags: { campaign: "boarding" },
  times: {
    /** When the account, its app and credentials were made. */
    setUp: "2026-03-02T09:00:00.000Z",
    registered: "2026-03-10T17:45:12.000Z",
    accepted: "2026-04-05T06:20:00.000Z",
    called: "2026-04-05T06:20:00.214Z",
    recorded: "2026-04-05T06:20:00.381Z",
    completed: "2026-04-05T06:20:00.655Z",
  },
} as const;
