/** The body of `messages:send` (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages). */
export interface FcmRequestBody {
  message: FcmMessage;
}

/** What goes to one device. */
export interface FcmMessage {
  token: string;
  notification?: { title?: string; body?: string; image?: string };
  data?: Record<string, string>;
  android: {
    priority: "HIGH" | "NORMAL";
    ttl: string;
    collapse_key?: string;
    notification?: {
      tag: string;
      sound?: string;
      channel_id?: string;
      click_action?: string;
      notification_count?: number;
    };
  };
  apns?: FcmApnsConfig;
}

/** For Apple's devices: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages#apnsconfig */
export interface FcmApnsConfig {
  headers?: Record<string, string>;
  payload?: { aps: Record<string, unknown> };
}
