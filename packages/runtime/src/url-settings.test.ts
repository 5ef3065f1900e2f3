import { baseUrlSetting, endpointSetting, originSetting } from "./url-settings.js";

const SETTINGS = { originSetting, baseUrlSetting, endpointSetting };

test.each([
  ["originSetting", "https://api.push.apple.com", "https://api.push.apple.com"],
  ["originSetting", "https://API.push.apple.com:443/", "https://api.push.apple.com"],
  ["originSetting", "https://localhost:2197", "https://localhost:2197"],
  ["baseUrlSetting", "http://push.example.com/", "http://push.example.com"],
  ["baseUrlSetting", "https://example.com/push/", "https://example.com/push"],
  ["baseUrlSetting", "https://日本.example", "https://xn--wgv71a.example"],
  ["baseUrlSetting", "https://example.com/å", "https://example.com/%C3%A5"],
  ["endpointSetting", "https://oauth2.googleapis.com/token", "https://oauth2.googleapis.com/token"],
  ["endpointSetting", "https://example.com/token?a=b", "https://example.com/token?a=b"],
  ["endpointSetting", "https://example.com/token/", "https://example.com/token/"],
  ["originSetting", "https://example.com/?", "https://example.com"],
  ["baseUrlSetting", "https://example.com/push//?", "https://example.com/push"],
  ["baseUrlSetting", "https://example.com/#", "https://example.com"],
  ["baseUrlSetting", '"https://example.com"\n', "https://example.com"],
] as const)("%s takes %s as %s", (name, text, url) => {
  expect(SETTINGS[name].parse(text)).toBe(url);
});

test.each([
  ["originSetting", "https://example.com/push", "must not have a path"],
  ["originSetting", "https://example.com/?a=b", "must not have a query"],
  ["originSetting", "https://example.com/#a", "must not have a fragment"],
  ["originSetting", "https://user:secret@example.com", "must not have a user or a password"],
  [
    "originSetting",
    "http://example.com",
    "must be a whole URL that begins with https://, with a port up to 65535 if it has one",
  ],
  ["baseUrlSetting", "https://example.com/push?a=b", "must not have a query"],
  ["baseUrlSetting", "https://user@example.com", "must not have a user or a password"],
  [
    "baseUrlSetting",
    "ftp://example.com",
    "must be a whole URL that begins with https:// or http://, with a port up to 65535 if it has one",
  ],
  ["endpointSetting", "https://:secret@example.com/token", "must not have a user or a password"],
  ["endpointSetting", "https://example.com/token#a", "must not have a fragment"],
] as const)("%s refuses %s: %s", (name, text, message) => {
  expect(SETTINGS[name].safeParse(text).error?.issues).toMatchObject([{ message }]);
});
