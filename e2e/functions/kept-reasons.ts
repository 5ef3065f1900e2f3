import { generateKeyPairSync, randomBytes } from "node:crypto";
import { replaceEnvironmentCredential } from "@fanfare/db";
import { type CredentialContent, parseId } from "@fanfare/domain";
import { readMasterKeys } from "@fanfare/runtime";
import { until } from "@fanfare/testkit";
import { anApnContent, anFcmContent, foreignRsaKey, knownToApple, knownToGoogle } from "../support/customers.js";
import { healthUrls, stack } from "./stack.js";

const path = "/v1/PushNotifications";
const pem = { type: "pkcs8", format: "pem" } as const;
const shortRsaKey = () => generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey.export(pem).toString();
const otherCurveKey = () => generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey.export(pem).toString();

/** A credential in trouble: what is stored of it, and how it comes to be well. */
interface Troubled {
  content: CredentialContent["content"];
  /** What the trouble begins with, once the credential is stored. */
  begin?: (credentialId: string, appName: string) => Promise<void>;
  mend: (credentialId: string) => Promise<void>;
}

const mendContent = async (credentialId: string, content: object) =>
  void (await stack.call("PATCH", `${path}/Credentials/${credentialId}`, { content }));

/** Stores what the API would refuse, as an older release, another master key or a slip of a hand left it. */
function storeAs(content: CredentialContent["content"], keys = readMasterKeys({ FANFARE_DATA_DIR: stack.dataDir })) {
  return (credentialId: string) =>
    replaceEnvironmentCredential(stack.db, keys, parseId("credential", credentialId) as string, content);
}

async function unknownSignature(): Promise<Troubled> {
  const content = anFcmContent();
  await knownToGoogle(stack, { ...content, private_key: foreignRsaKey });
  return { content, mend: () => knownToGoogle(stack, content) };
}

async function unknownProject(): Promise<Troubled> {
  const content = anFcmContent({ project_id: "nobody-has-it" });
  await knownToGoogle(stack, { ...content, project_id: "customer" });
  return { content, mend: () => knownToGoogle(stack, content) };
}

async function notAllowed(): Promise<Troubled> {
  const content = anFcmContent();
  await knownToGoogle(stack, content, { allowed: false });
  return { content, mend: () => knownToGoogle(stack, content) };
}

async function shortKey(): Promise<Troubled> {
  const content = anFcmContent();
  await knownToGoogle(stack, content);
  const begin = storeAs({ ...content, private_key: shortRsaKey() });
  return { content, begin, mend: (id) => mendContent(id, content) };
}

async function otherMasterKey(): Promise<Troubled> {
  const content = anFcmContent();
  await knownToGoogle(stack, content);
  const begin = storeAs(content, { current: randomBytes(32), previous: [] });
  return { content, begin, mend: (id) => mendContent(id, content) };
}

const endpointFault = (fault: object) => async (): Promise<Troubled> => {
  const content = anFcmContent();
  await knownToGoogle(stack, content);
  await stack.simulate("POST", "/faults", fault);
  return { content, mend: () => stack.simulate("DELETE", "/faults") };
};

/** Sent to once, so that the access token is at hand and only FCM itself is missed. */
async function unreachable(): Promise<Troubled> {
  const content = anFcmContent();
  await knownToGoogle(stack, content);
  const begin = async (_id: string, appName: string) => {
    const primed = await stack.api.send({
      to: [{ provider: "FCM", token: "primed" }],
      content: { title: "x" },
      from: { appName },
    });
    await stack.completed(primed.operationId);
    for (const kind of ["refuseConnections", "destroy"])
      await stack.simulate("POST", "/faults", { provider: "FCM", kind });
  };
  return { content, begin, mend: () => stack.simulate("DELETE", "/faults") };
}

async function unknownToApple(): Promise<Troubled> {
  const content = anApnContent();
  return { content, mend: () => knownToApple(stack, content) };
}

async function otherCurve(): Promise<Troubled> {
  const content = anApnContent();
  await knownToApple(stack, content);
  return { content, begin: storeAs({ ...content, key: otherCurveKey() }), mend: (id) => mendContent(id, content) };
}

async function credentialsCheck(provider: "APN" | "FCM"): Promise<{ status: number; detail: string }> {
  const res = await fetch(`${healthUrls[provider]}/readyz`);
  const { checks } = (await res.json()) as { checks: { credentials: { detail?: string } } };
  return { status: res.status, detail: checks.credentials.detail ?? "" };
}

/** Lines of the log that name a credential, as they were when it first was in trouble: what is counted later is left out. */
function told(credentialId: string): Record<string, unknown>[] {
  const lines = stack.log.filter((line) => line.includes(`"${credentialId}"`) && line.includes(`"advice"`));
  return lines.map((line) => JSON.parse(line.replace(/^\S+ /, ""))).filter(({ times }) => times === undefined);
}

async function lastErrors(operationId: string) {
  const listed = await stack.api.notifications(operationId, 10);
  const notifications = await Promise.all(listed.map(({ id }) => stack.api.notification(id)));
  return notifications.map(({ status, lastError }) => ({ status, ...lastError }));
}

const cases = [
  [
    "FCM",
    "a key that the service account does not have any more",
    unknownSignature,
    "OAUTH_INVALID_GRANT",
    /invalid_grant: Invalid JWT Signature.*change the credential/,
  ],
  [
    "FCM",
    "a project that does not exist",
    unknownProject,
    "NOT_FOUND",
    /no such project.*project nobody-has-it, service account .*@.*project_id/,
  ],
  [
    "FCM",
    "a service account that may not send",
    notAllowed,
    "PERMISSION_DENIED",
    /may not send.*project customer, service account .*cloudmessaging\.messages\.create/,
  ],
  ["FCM", "a key that can not sign", shortKey, "KEY_CAN_NOT_SIGN", /key.*Change the credential/],
  ["FCM", "a credential of another master key", otherMasterKey, "CREDENTIAL_UNREADABLE", /master key/],
  [
    "FCM",
    "a token endpoint that fails",
    endpointFault({ provider: "OAUTH", kind: "fail", status: 503 }),
    "NO_ACCESS_TOKEN",
    /token endpoint answered HTTP 503\. It is asked again/,
  ],
  [
    "FCM",
    "a proxy that answers 400 for the token endpoint",
    endpointFault({ provider: "OAUTH", kind: "html", status: 400 }),
    "NO_ACCESS_TOKEN",
    /token endpoint answered HTTP 400\. It is asked again/,
  ],
  [
    "FCM",
    "a token endpoint that says nothing",
    endpointFault({ provider: "OAUTH", kind: "slow", delayMs: 30_000 }),
    "NO_ACCESS_TOKEN",
    /token endpoint could not be asked \(TimeoutError\)\. It is asked again/,
  ],
  [
    "FCM",
    "a provider that can not be connected to",
    unreachable,
    "ECONNRESET",
    /FCM could not be called \(ECONNRESET\)\. It goes on by itself/,
  ],
  [
    "APN",
    "a key that Apple does not know",
    unknownToApple,
    "InvalidProviderToken",
    /key id or team id.*change the credential/,
  ],
  ["APN", "a key of another curve", otherCurve, "KEY_CAN_NOT_SIGN", /key.*Change the credential/],
] as const;

describe("why nothing is sent with a credential", () => {
  afterEach(() => stack.simulate("DELETE", "/faults"));

  test.each(cases)(
    "%s, %s: every notification says it, readiness and one line of the log name the credential, and mended all are sent",
    async (provider, what, trouble, code, words) => {
      const { content, begin, mend } = await trouble();
      const appName = what.replaceAll(/[^a-z]+/g, "_");
      const added = await stack.call("POST", `${path}/Credentials`, { credentialType: provider, appName, content });
      const id = added.body.resourceId as string;
      await begin?.(id, appName);
      const to = [1, 2, 3].map((index) => ({ provider, token: `${appName}-${index}` }));
      const { operationId } = await stack.api.send({ to, content: { title: "x" }, from: { appName } });

      const waiting = { status: "QUEUED", code, detail: expect.stringMatching(words) };
      await until(async (see) => see(await lastErrors(operationId)).every((error) => error.code === code));
      expect(await lastErrors(operationId)).toEqual([waiting, waiting, waiting]);
      // Checks are made once a second at most.
      const check = await until(async (see) => {
        const seen = see(await credentialsCheck(provider));
        return seen.detail.includes(id) && seen;
      });
      expect(check).toEqual({ status: 200, detail: expect.stringContaining(`${id}: ${code}`) });
      expect(told(id)).toMatchObject([{ credential: id, code, advice: expect.stringMatching(/\.$/) }]);

      await mend(id);
      expect(await stack.completed(operationId)).toMatchObject({ sent: 3, failed: 0 });
      const sent = { status: "SENT" };
      expect(await lastErrors(operationId)).toEqual([sent, sent, sent]);
      await until(async (see) => !see(await credentialsCheck(provider)).detail.includes(id));
    },
  );

  test("Verify calls a key that can not sign wrong, and says that it knows nothing of one that it can not read", async () => {
    const verify = async (begin: (id: string) => Promise<void>) => {
      const credential = { credentialType: "FCM", appName: "unusable", content: anFcmContent() };
      const { body } = await stack.call("POST", `${path}/Credentials`, credential);
      await begin(body.resourceId);
      const answer = await stack.call("POST", `${path}/Credentials/${body.resourceId}/Verify`);
      await stack.call("DELETE", `${path}/Credentials/${body.resourceId}`);
      return answer.body;
    };
    const { begin: withShortKey } = await shortKey();
    expect(await verify(withShortKey as (id: string) => Promise<void>)).toMatchObject({
      ...{ status: "INVALID", wrong: ["key"], providerCode: "KEY_CAN_NOT_SIGN" },
    });
    const { begin: underOtherKey } = await otherMasterKey();
    expect(await verify(underOtherKey as (id: string) => Promise<void>)).toMatchObject({
      ...{ status: "UNKNOWN", wrong: [], providerCode: "CREDENTIAL_UNREADABLE" },
    });
  });
});
