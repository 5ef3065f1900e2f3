import type { GuardOptions, PushClient, RequestSender, SessionOwner, SessionPoolsOptions } from "@fanfare/delivery";
import type { CredentialContentOf, CredentialRef, Provider, Verification } from "@fanfare/domain";

/** A credential of a provider, with its secrets. */
export type CredentialOf<Of extends Provider> = CredentialRef & CredentialContentOf<Of>;

/** What there is to make a client with, besides its credential. */
export interface ClientTools {
  /** The sessions of the credential to an origin (scheme and authority). */
  senderTo(this: void, origin: string): RequestSender;
  /** Tells that what the credential is used with could not be renewed in advance: pushes go out all the same. */
  onUnrefreshed(this: void, hindrance: { code: string; message: string; advice: string }): void;
}

/** What a verification is made with. */
export interface VerifyTools extends ClientTools {
  /** Whether its answer is still wanted: not by a worker that stops. */
  isWanted(this: void): boolean;
}

/** A provider, as its worker has it: all that is not the same for every one. */
export interface DeliveryProvider<Of extends Provider> {
  provider: Of;
  /** Where its service is, for the log; absent: that depends on the token. */
  origin?: string;
  /** Its sessions. */
  sessions: Pick<SessionPoolsOptions, "maxSessions" | "adapt" | "retireAfter"> & {
    /** Whose they are. Its own key gives each credential its own; some may have to share them. */
    ownerOf(credential: CredentialOf<Of>): SessionOwner;
  };
  /** What stands before each credential. */
  guard: Pick<GuardOptions, "rateLimit" | "ignoredCodes">;
  /** Lines between their sending and their recording, of all batches together. @default see `createDeliverer` */
  windowSize?: number;
  /**
   * Makes the client of a version of a credential. An object of functions: its `close` gives back what it took besides its tools.
   *
   * @throws UnusableCredentialError when it can not be used as it is stored.
   */
  clientFor(credential: CredentialOf<Of>, tools: ClientTools): PushClient;
  /** Asks the provider what it thinks of a credential. @throws UnusableCredentialError as `clientFor` does. */
  verify(credential: CredentialOf<Of>, tools: VerifyTools): Promise<Verification>;
}
