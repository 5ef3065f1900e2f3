/** What is to be said of a URL that has a password, wherever one is refused. */
export const PERCENT_ENCODED = "; in the password, characters such as / ? # @ % have to be percent-encoded";
