import {
  CREDENTIAL_PROVIDERS,
  credentialTypeSchema,
  isProvider,
  PROVIDER_TRAITS,
  PROVIDERS,
  perProvider,
  perProviderField,
} from "./provider.js";
import { sendRequestSchema } from "./send-request.js";

test("every type of credential is one provider's, and listed in the order of the providers", () => {
  expect(credentialTypeSchema.options).toEqual(["FCM", "APN", "APN_SANDBOX"]);
  expect(CREDENTIAL_PROVIDERS).toEqual({ FCM: "FCM", APN: "APN", APN_SANDBOX: "APN" });
});

test("something of each provider, by its name or by its field", () => {
  expect(perProvider((provider) => PROVIDER_TRAITS[provider].name)).toEqual({ FCM: "FCM", APN: "APNs" });
  expect(perProviderField((provider) => provider)).toEqual({ fcm: "FCM", apn: "APN" });
});

test("the name of a provider is told from whatever else may stand in its place", () => {
  expect(PROVIDERS.every(isProvider)).toBe(true);
  for (const other of ["fcm", "APN_SANDBOX", "toString", "__proto__", "", 1, null, undefined, ["FCM"]]) {
    expect(isProvider(other)).toBe(false);
  }
});

test("a sender names a credential of any provider, or an app, and not both", () => {
  const request = { to: [{ provider: "FCM", token: "t" }], content: { title: "x" } };
  const problemOf = (from: object) => sendRequestSchema.safeParse({ ...request, from }).error?.issues[0]?.message;
  const mixed = "must have either appName, or one or more of fcm, apn";
  expect([problemOf({ appName: "a" }), problemOf({}), problemOf({ web: "x" })]).toEqual([
    undefined,
    mixed,
    'Unrecognized key: "web"',
  ]);
});
