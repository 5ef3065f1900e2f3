/** An APNs request as Fanfare and `apn` make it, but for its device. */
export const HEADERS = {
  authorization: `bearer ${"t".repeat(180)}`,
  "apns-topic": "com.example.fanfare",
  "apns-push-type": "alert",
  "apns-priority": "10",
  "apns-expiration": "0",
};

export const PAYLOAD = Buffer.from(
  JSON.stringify({ aps: { alert: { title: "Boarding", body: "Gate A1 in one hour" } } }),
);
