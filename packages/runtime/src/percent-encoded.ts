/** What is to be said of a URL that has a password, wherever one is refused. */
export const PERCENT_ENCODED = "; in the password, characters such as / ? # @ % have to be percent-encoded";

/** Whether the user and the password of a URL can be decoded; of what is no URL another rule tells. */
export function hasPlainAccess(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { username, password } = new URL(url);
  return isDecodable(`${username}${password}`);
}

/** The same where a % that begins no two hexadecimal digits stands for itself, as Postgres's client has it. */
export function hasAccessForPostgres(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { username, password } = new URL(url);
  return isDecodable(`${username}${password}`.replace(/%(?![0-9a-f]{2})/gi, "%25"));
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    // The error quotes nothing, and says no more.
    return false;
  }
}
