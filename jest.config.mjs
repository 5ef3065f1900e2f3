import process from "node:process";

// Every budget of a test is multiplied by this (testkit's `patient`): CI's machine is shared, and says so late.
process.env.FANFARE_TEST_PATIENCE ??= process.env.CI ? "4" : "2";

const project = (displayName, testMatch) => ({
  displayName,
  testMatch,
  testEnvironment: "node",
  // Workspaces are tested from their sources, not from what was last built.
  testEnvironmentOptions: { customExportConditions: ["source", "node", "node-addons"] },
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" } }],
  },
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  modulePathIgnorePatterns: ["/dist/"],
});

export default {
  projects: [
    project("unit", ["<rootDir>/{packages,apps}/*/src/**/*.test.ts", "<rootDir>/scripts/**/*.test.ts"]),
    {
      ...project("integration", ["<rootDir>/{packages,apps}/*/test/**/*.integration.test.ts"]),
      globalSetup: "<rootDir>/scripts/test-servers/setup.mjs",
      globalTeardown: "<rootDir>/scripts/test-servers/teardown.mjs",
    },
    {
      setupFilesAfterEnv: ["<rootDir>/scripts/test-setup/validate-answers.ts"],
      ...project("e2e", ["<rootDir>/e2e/**/*.test.ts"]),
      globalSetup: "<rootDir>/scripts/test-servers/setup.mjs",
      globalTeardown: "<rootDir>/scripts/test-servers/teardown.mjs",
      testEnvironment: "<rootDir>/scripts/test-setup/process-lines-environment.mjs",
    },
  ],
  testSequencer: "<rootDir>/scripts/test-setup/longest-first.mjs",
  // On two cores jest would take one. Three keep both busy: whole-system tests wait as much as they work.
  maxWorkers: 3,
  reporters: ["default", "<rootDir>/scripts/test-setup/failure-digest-reporter.mjs"],
  // The last resort: what waits gives up when nothing changes any more.
  testTimeout: 120_000 * Number(process.env.FANFARE_TEST_PATIENCE),
};
