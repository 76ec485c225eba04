// How a client that tracks has set CLIENT TRACKING.
import type { Client } from './client.ts';

export class Tracking {
  /** What stands for the client in the table of keys; until tracking ends. */
  readonly ticket: number;
  bcast = false;
  optin = false;
  optout = false;
  noloop = false;
  /** CLIENT CACHING was called: the next command is an exception from what OPTIN or OPTOUT say. */
  caching = false;
  /** CLIENT ID of the client that gets the invalidations; 0: this one does. */
  redirectId = 0;
  /** That client, once it has an object; it may be gone by now. */
  target: Client | null = null;
  /** An invalidation could not be redirected. */
  broken = false;
  /** Prefixes of BCAST. */
  readonly prefixes = new Set<string>();

  constructor(ticket: number) {
    this.ticket = ticket;
  }

  /** Whether the keys that the client reads now are tracked. */
  get remembers(): boolean {
    if (this.bcast) return false;
    return this.optin ? this.caching : !(this.optout && this.caching);
  }
}
