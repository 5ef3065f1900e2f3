/** By what every budget of a test is multiplied: 1 on an idle machine; jest.config.mjs says how much here. */
const PATIENCE = Number(process.env.FANFARE_TEST_PATIENCE ?? 1);

/** A budget of a test in milliseconds, as an idle machine would need it, for the machine that it runs on. */
export function patient(ms: number): number {
  return ms * PATIENCE;
}
