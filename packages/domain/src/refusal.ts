/**
 * Why a secret is refused, in one sentence that has no piece of it.
 *
 * @param wanted What was expected, such as "a P-256 private key".
 * @param length Of what is there instead, in characters.
 * @param fault What is wrong with those: "are a certificate".
 */
export function refusal(wanted: string, length: number, fault: string): string {
  return `must be ${wanted}; these ${length} characters ${fault}`;
}
