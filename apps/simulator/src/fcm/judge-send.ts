import type { Customers } from "../customers.js";
import { type FcmAnswer, googleError, invalidRequest } from "./errors.js";
import { type FcmRequest, judgeFcmRequest } from "./rules.js";
import type { TokenEndpoint } from "./token-endpoint.js";

/** What a request to send is judged by. */
export interface SendRequest {
  method: string;
  path: string;
  authorization: string | undefined;
  body: Buffer;
}

/** Judges a request to send, in Google's order: who it is, whether they may, and only then what they ask for. */
export function judgeSend(
  { method, path, authorization, body }: SendRequest,
  { tokens, customers }: { tokens: TokenEndpoint; customers: Customers },
): { refused: FcmAnswer } | { projectId: string; request: FcmRequest } {
  const refused = (...error: Parameters<typeof googleError>) => ({ refused: googleError(...error) });
  const projectId = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(path)?.[1];
  if (projectId === undefined || method !== "POST") return refused(404, "NOT_FOUND", "Not found.");
  const account = tokens.accountOf(authorization);
  if (!account) return refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
  if (!customers.hasProject(projectId)) return refused(404, "NOT_FOUND", "Requested entity was not found.");
  if (account.projectId !== projectId || !account.allowed) {
    return refused(403, "PERMISSION_DENIED", "Permission denied on project.");
  }
  const judged = judgeFcmRequest(body.toString());
  if ("violations" in judged) return { refused: invalidRequest(judged.violations) };
  return { projectId, request: judged.request };
}
