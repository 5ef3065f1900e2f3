import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";

const name = z.string().min(1);

function pem(fits: (key: KeyObject) => boolean, expected: string) {
  return z.string().transform((text, context) => {
    const key = publicKeyOf(text);
    if (key && fits(key)) return key;
    context.addIssue({ code: "custom", message: `must be ${expected}, public or private, as PEM` });
    return z.NEVER;
  });
}

function publicKeyOf(text: string): KeyObject | undefined {
  try {
    return createPublicKey(text);
  } catch {
    return undefined;
  }
}

const customerSchema = z.discriminatedUnion("provider", [
  z.strictObject({
    provider: z.literal("APN"),
    teamId: name,
    keyId: name,
    key: pem((key) => key.asymmetricKeyDetails?.namedCurve === "prime256v1", "a P-256 key"),
    /** Bundle ids that the key may send to; absent: any. */
    topics: z.array(name).min(1).optional(),
    /** Where the key is good; absent: both. */
    environment: z.enum(["production", "sandbox"]).optional(),
  }),
  z.strictObject({
    provider: z.literal("FCM"),
    projectId: name,
    clientEmail: name,
    // jsonwebtoken verifies no RS256 with a shorter one.
    key: pem(
      (key) => key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2_048,
      "an RSA key of at least 2,048 bits",
    ),
    /** `false`: the service account exists and may not send in the project. */
    allowed: z.boolean().default(true),
  }),
]);

/** A customer as a test describes it. Of a private key only its public half is kept. */
export type NewCustomer = z.input<typeof customerSchema>;

type Customer = z.output<typeof customerSchema>;

/** A key of an Apple developer team. */
export type ApnsCustomer = Extract<Customer, { provider: "APN" }>;

/** A service account of a Firebase project. */
export type FirebaseCustomer = Extract<Customer, { provider: "FCM" }>;

/** A customer without its key. */
export type CustomerNames = (Omit<ApnsCustomer, "key"> | Omit<FirebaseCustomer, "key">) & { builtIn: boolean };

/** The customers that the simulated providers know. */
export interface Customers {
  /**
   * Makes a customer known. A key id or a client email that is known already is replaced, as when a key is rotated.
   *
   * @throws ZodError when the customer makes no sense, or would replace a built-in one.
   */
  add(customer: NewCustomer): CustomerNames;
  list(): CustomerNames[];
  /** Forgets all but the built-in ones. */
  clear(): void;
  apnsKey(keyId: string): ApnsCustomer | undefined;
  serviceAccount(clientEmail: string): FirebaseCustomer | undefined;
  hasProject(projectId: string): boolean;
}

/** Makes the registry of one simulator; the built-in customers are always in it. */
export function createCustomers(builtIn: readonly NewCustomer[]): Customers {
  const apnsKeys = new Map<string, ApnsCustomer>();
  const accounts = new Map<string, FirebaseCustomer>();
  const permanent = new Set<Customer>();

  function put(customer: Customer): void {
    if (customer.provider === "APN") apnsKeys.set(customer.keyId, customer);
    else accounts.set(customer.clientEmail, customer);
  }

  function refuseBuiltIn(customer: Customer): void {
    const [field, known] =
      customer.provider === "APN"
        ? ["keyId", apnsKeys.get(customer.keyId)]
        : ["clientEmail", accounts.get(customer.clientEmail)];
    if (!known || !permanent.has(known)) return;
    throw new z.ZodError([{ code: "custom", path: [field], message: "is the built-in customer's", input: undefined }]);
  }

  const namesOf = (customer: Customer): CustomerNames => {
    const { key, ...names } = customer;
    return { ...names, builtIn: permanent.has(customer) };
  };

  for (const customer of builtIn) {
    const parsed = customerSchema.parse(customer);
    permanent.add(parsed);
    put(parsed);
  }

  return {
    add(customer) {
      const parsed = customerSchema.parse(customer);
      refuseBuiltIn(parsed);
      put(parsed);
      return namesOf(parsed);
    },
    list: () => [...apnsKeys.values(), ...accounts.values()].map(namesOf),
    clear() {
      apnsKeys.clear();
      accounts.clear();
      for (const customer of permanent) put(customer);
    },
    apnsKey: (keyId) => apnsKeys.get(keyId),
    serviceAccount: (clientEmail) => accounts.get(clientEmail),
    hasProject: (projectId) => [...accounts.values()].some((account) => account.projectId === projectId),
  };
}
