import { z } from "zod";

/** What of a provider is not its worker's alone. */
interface ProviderTraits {
  /** As people call it. */
  name: string;
  /** The field of `from` that names a credential for it. */
  field: string;
  /** The types of credentials for it; where several are an app's defaults, the first one is taken. */
  credentialTypes: readonly string[];
}

/**
 * The push services that Fanfare delivers through, in the order in which listings show them: whatever there is one of for each
 * provider follows from here. `APN` is the wire literal for Apple's service.
 */
export const PROVIDER_TRAITS = {
  FCM: { name: "FCM", field: "fcm", credentialTypes: ["FCM"] },
  // The sandbox is Apple's environment for development builds of an app.
  APN: { name: "APNs", field: "apn", credentialTypes: ["APN", "APN_SANDBOX"] },
} as const satisfies Record<string, ProviderTraits>;

/** See {@link PROVIDER_TRAITS}. */
export type Provider = keyof typeof PROVIDER_TRAITS;

/** Kinds of provider keys. */
export type CredentialType = CredentialTypeOf<Provider>;

/** Kinds of keys of one provider. */
export type CredentialTypeOf<Of extends Provider> = (typeof PROVIDER_TRAITS)[Of]["credentialTypes"][number];

/** Every provider, in the order of {@link PROVIDER_TRAITS}. */
export const PROVIDERS = Object.keys(PROVIDER_TRAITS) as readonly Provider[];

/** See {@link PROVIDER_TRAITS}. */
export const providerSchema = z.enum(PROVIDERS).meta({
  description: "The push service: `FCM`, Google's Firebase Cloud Messaging, or `APN`, Apple's APNs.",
});

/** Kinds of provider keys. */
export const credentialTypeSchema = z
  .enum(PROVIDERS.flatMap((provider): CredentialType[] => [...PROVIDER_TRAITS[provider].credentialTypes]))
  .meta({
    description:
      "`FCM`: a service account of a Firebase project. `APN`: a signing key for APNs. `APN_SANDBOX`: the same for Apple's environment for development builds; where an app has defaults of both, `APN` is used.",
  });

/** Which provider a credential of a type is for. */
export const CREDENTIAL_PROVIDERS = Object.fromEntries(
  PROVIDERS.flatMap((provider) => PROVIDER_TRAITS[provider].credentialTypes.map((type) => [type, provider])),
) as { readonly [Type in CredentialType]: Provider };

/** Something of each provider. */
export type PerProvider<Value> = Record<Provider, Value>;

/** Makes something for each provider. */
export function perProvider<Value>(make: (provider: Provider) => Value): PerProvider<Value> {
  return Object.fromEntries(PROVIDERS.map((provider) => [provider, make(provider)])) as PerProvider<Value>;
}

/** The fields of {@link ProviderTraits}, such as those of `from`. */
export type ProviderField = (typeof PROVIDER_TRAITS)[Provider]["field"];

/** Makes an object with the field of each provider. */
export function perProviderField<Value>(make: (provider: Provider) => Value): Record<ProviderField, Value> {
  const entries = PROVIDERS.map((provider) => [PROVIDER_TRAITS[provider].field, make(provider)]);
  return Object.fromEntries(entries) as Record<ProviderField, Value>;
}

/** Whether a text is the name of a provider. */
export const isProvider = (text: unknown): text is Provider =>
  typeof text === "string" && Object.hasOwn(PROVIDER_TRAITS, text);
