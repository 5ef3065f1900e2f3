export { accountSettings } from "./account-settings.js";
export { answerReadiness, type ReadinessDetail } from "./answer-readiness.js";
export {
  databaseUrl,
  deliverySettings,
  healthSettings,
  logSettings,
  producerSettings,
  readinessSettings,
  storeSettings,
  workerSettings,
} from "./common-settings.js";
export { createErrorBrake, type ErrorBrake } from "./error-brake.js";
export { inDataDir } from "./in-data-dir.js";
export { listenOn, urlOfListener } from "./listen-on.js";
export { findLocalCredentials, type LocalCredentials, localCredentials } from "./local-credentials.js";
export { createLogger, type Log, maskToken } from "./logger.js";
export { makeFolder } from "./make-folder.js";
export {
  addMasterKey,
  dropPreviousMasterKeys,
  ensureMasterKey,
  type MasterKeySettings,
  type MasterKeys,
  masterKeySettings,
  readMasterKeys,
} from "./master-key.js";
export { type ParsedConfig, parseConfig } from "./parse-config.js";
export { readConfig } from "./read-config.js";
export { readTextOrFile } from "./read-text-or-file.js";
export type { Readiness } from "./readiness.js";
export { oneRedis, redisSettings } from "./redis-settings.js";
export { ABORT_AFTER_MS, runService, type Service } from "./run-service.js";
export { exitCodeOf, StartError, sentenceOf } from "./start-error.js";
export { unquoted } from "./unquoted.js";
export { baseUrlSetting, endpointSetting, originSetting } from "./url-settings.js";
export { ACCOUNT_PAIR, API_KEY_PAIR, MASTER_KEY_PAIR, SIGNING_KEY_PAIR, wholePairs } from "./whole-pairs.js";
export { withoutSecrets } from "./without-secrets.js";
