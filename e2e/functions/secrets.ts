import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findSecrets } from "../../scripts/test-setup/find-secrets.js";
import { anApnContent, anFcmContent, knownToApple, knownToGoogle } from "../support/customers.js";
import type { Answer, RunningStack } from "../support/run-stack.js";
import { stack } from "./stack.js";

const path = "/v1/PushNotifications";

test("no secret is in the database, in the logs at their most talkative, or in an answer that does not make it", async () => {
  const { accountId, authToken, adminPassword } = stack.credentials;
  const keys = `/v1/Accounts/${accountId}/Keys`;
  const secrets = [authToken, adminPassword, readFileSync(join(stack.dataDir, "master.key"), "utf8").trim()];
  const answers: Answer[] = [];
  const call = async (...args: Parameters<RunningStack["call"]>) => {
    const answer = await stack.call(...args);
    answers.push(answer);
    return answer.body;
  };
  const admin = `admin:${adminPassword}`;

  // What hands a secret out does so once, and is not looked through.
  const { body: account } = await stack.call("POST", "/v1/Accounts", { name: "other" }, admin);
  const { body: rotated } = await stack.call("POST", `/v1/Accounts/${account.id}/AuthToken`, {}, admin);
  const { body: key } = await stack.call("POST", keys, { name: "k", scopes: ["send", "read"] });
  secrets.push(account.authToken, rotated.authToken, key.secret);

  const [apn, fcm] = [anApnContent(), anFcmContent()];
  secrets.push(apn.key, fcm.private_key);
  await knownToApple(stack, apn);
  await knownToGoogle(stack, fcm);
  for (const [credentialType, content] of Object.entries({ APN: apn, FCM: fcm })) {
    const made = await call("POST", `${path}/Credentials`, { credentialType, appName: "kept", content });
    await call("GET", `${path}/Credentials/${made.resourceId}`);
    await call("PATCH", `${path}/Credentials/${made.resourceId}`, { content, isDefault: true });
    await call("POST", `${path}/Credentials/${made.resourceId}/Verify`);
    // Requests that carry a key and are refused, each for another reason.
    await call("POST", `${path}/Credentials`, { credentialType, appName: "No Name", content });
    await call("POST", `${path}/Credentials`, { credentialType, appName: "kept", content, [apn.key]: 1 });
    await call("POST", `${path}/Credentials`, { credentialType, appName: "kept", content: { ...content, keyId: "?" } });
    await call("POST", `${path}/Credentials`, {
      credentialType,
      appName: "kept",
      content: JSON.stringify(content).slice(1),
    });
    await call("PATCH", `${path}/Credentials/${made.resourceId}`, { content: { key: apn.key } });
    await call("POST", path, { to: [], content, from: content });
  }
  for (const password of [authToken, account.authToken, key.secret]) {
    await call("GET", `${path}/Operations`, undefined, `${account.id}:${password}`);
    await call("GET", `${path}/Operations`, undefined, `${key.id}:${password}`);
  }
  await call("GET", `/v1/Accounts/${accountId}/Audit`);
  await call("GET", keys);
  await call("GET", "/v1/Accounts", undefined, admin);
  await call("POST", keys, { name: key.secret, scopes: ["nothing"] });

  const deviceToken = "a-device-token-that-nobody-may-read-in-a-log";
  const { operationId } = await stack.api.send({
    to: ["FCM", "APN"].flatMap((provider) =>
      ["", "dead-", "flaky-1-", "reset-1-"].map((kind) => ({ provider, token: kind + deviceToken })),
    ),
    content: { title: "x" },
    from: { appName: "kept" },
  });
  await stack.completed(operationId);

  const shown = answers.map(({ body }) => JSON.stringify(body));
  expect(await findSecrets(stack.db, [...stack.log, ...shown], secrets)).toEqual([]);
  expect(stack.log.filter((line) => line.includes(deviceToken))).toEqual([]);
  // The search itself finds what is there: in a log, as text in a table, as bytes in a table.
  const known = await stack.db.credential.findFirstOrThrow();
  const tagOfSealed = (known.sealed as { secret: { tag: string } }).secret.tag;
  expect(await findSecrets(stack.db, ["x FINDME-IN-THIS-LINE y"], ["FINDME-IN-THIS-LINE"])).toHaveLength(1);
  expect(await findSecrets(stack.db, [], [tagOfSealed])).toEqual([expect.stringContaining("credentials")]);
});
