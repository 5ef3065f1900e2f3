const NEW_KEY = "make a new key for it in the Google Cloud console, and change the credential";

/**
 * What is to be done about each `error` of the token endpoint (RFC 6749, section 5.2, and Google, "Using OAuth 2.0 for Server to
 * Server Applications", section "JWT error codes"). Google's own description goes before it, and is never looked at.
 */
const OAUTH_ADVICE: Readonly<Record<string, string>> = {
  invalid_grant: `The key or its service account was deleted or disabled, or this machine's clock is wrong: look at the clock and the service account, ${NEW_KEY}.`,
  invalid_client: `The service account is not known: look whether it is still there, ${NEW_KEY}.`,
  unauthorized_client: `The service account may not ask for access tokens: is the right one in use? Otherwise ${NEW_KEY}.`,
  invalid_scope: "The service account may not use Firebase Cloud Messaging: enable its API in the project.",
  invalid_request:
    "Google does not take the request for an access token: look whether FCM_TOKEN_URL is its token endpoint.",
  access_denied: "A policy of the organization keeps the service account from access tokens: have it changed.",
  org_internal: "The service account is kept to its own organization: use one of this project.",
  disabled_client: "The service account is disabled: enable it in the Google Cloud console.",
};

/** What is to be done about a refused service account. */
export function adviceOnRefusal(oauthError: string): string {
  // An endpoint's code is any text, such as the name of a property that every object has.
  const known = Object.hasOwn(OAUTH_ADVICE, oauthError) ? OAUTH_ADVICE[oauthError] : undefined;
  return known ?? `Look at the service account; if that does not help, ${NEW_KEY}.`;
}
