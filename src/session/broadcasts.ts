// Who wants to hear of all keys with a prefix (CLIENT TRACKING BCAST), and which such keys have changed since the last message.
import { toLatin1 } from '../base/bytes.ts';
import type { Client } from './client.ts';

export interface Prefix {
  /** One character for each byte. */
  readonly text: string;
  readonly clients: Set<Client>;
  /** Changed keys, each with the client that changed it; null: several, or none in particular. */
  readonly keys: Map<string, Client | null>;
}

export class Broadcasts {
  readonly #prefixes = new Map<string, Prefix>();
  /** True while a changed key waits to be told. */
  pending = false;

  /** Number of prefixes. */
  get size(): number {
    return this.#prefixes.size;
  }

  join(client: Client, text: string): void {
    let prefix = this.#prefixes.get(text);
    if (prefix === undefined) {
      prefix = { text, clients: new Set(), keys: new Map() };
      this.#prefixes.set(text, prefix);
    }
    prefix.clients.add(client);
  }

  /** What changed and was not told to the last client of a prefix is told to nobody. */
  leave(client: Client, text: string): void {
    const prefix = this.#prefixes.get(text)!;
    prefix.clients.delete(client);
    if (prefix.clients.size === 0) this.#prefixes.delete(text);
  }

  /** Notes that a key changed, by the doing of this client (null: of none). */
  changed(key: Uint8Array, at: number, bytes: number, by: Client | null): void {
    let name: string | null = null;
    for (const { text, keys } of this.#prefixes.values()) {
      if (!startsWith(key, at, bytes, text)) continue;
      name ??= toLatin1(key, at, bytes);
      const known = keys.get(name);
      keys.set(name, known === undefined || known === by ? by : null);
      this.pending = true;
    }
  }

  /** Prefixes with changed keys, in order; whoever asks has to clear the keys. */
  takePending(): Prefix[] {
    this.pending = false;
    const changed = [...this.#prefixes.values()].filter(({ keys }) => keys.size > 0);
    return changed.sort((a, b) => (a.text < b.text ? -1 : 1));
  }
}

function startsWith(key: Uint8Array, at: number, bytes: number, text: string): boolean {
  if (text.length > bytes) return false;
  for (let i = 0; i < text.length; i++) if (key[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
