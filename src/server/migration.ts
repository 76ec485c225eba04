// Keys on their way to another server (MIGRATE). The client waits, nobody else does: connecting, sending and waiting for
// answers are left to the event loop, and values are made into bytes a few at a time. So that no change gets lost meanwhile, writes
// to these keys wait until the other server has answered for them; then they go here, at once.
//
//   begin ─▶ [connect] ─▶ AUTH  SELECT  RESTORE … RESTORE ─▶ answers, one a key: OK ─▶ the key goes here
//                  │                                                            └ error ─▶ it stays
//                  └ links that were used within ten seconds are used again
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MigrationOrder, MigrationPort } from '../commands/server_port.ts';
import { EVENT_GENERIC } from '../keyspace/keyspace.ts';
import { CONNECTING_FAILED, READING_FAILED, targetRefused, WRITING_FAILED } from '../resp/migrate_errors.ts';
import type { Client } from '../session/client.ts';
import type { LinkError, PeerLink } from './peer_link.ts';
import type { ServerCore } from './server.ts';

const IDLE_MS_MAX = 10_000;
const LINKS_MAX = 64;
/** How long keys may be made into bytes before others have their turn. */
const SLICE_MS = 1;

/** One MIGRATE in progress. */
interface Journey {
  readonly order: MigrationOrder;
  /** The database that the keys are in. */
  readonly database: number;
  /** Who waits for it; null once that client has gone. */
  client: Client | null;
  link: PeerLink | null;
  /** All requests have been sent; the other server has answered for a key. */
  isSent: boolean;
  isAnswered: boolean;
  /** The client must not wait any longer. */
  isGivenUp: boolean;
  /** The first error that the other server answered with. */
  refusal: string;
}

export class Migration implements MigrationPort {
  readonly #server: ServerCore;
  /** Links that nobody uses now, by host and port. */
  readonly #idle = new Map<string, PeerLink>();
  readonly #journeys = new Set<Journey>();
  #isStopped = false;

  constructor(server: ServerCore) {
    this.#server = server;
  }

  /** Connections to other servers. */
  get linkCount(): number {
    let count = this.#idle.size;
    for (const { link } of this.#journeys) if (link !== null) count++;
    return count;
  }

  begin(order: MigrationOrder): void {
    const { context, pause, waiting } = this.#server;
    const journey: Journey = {
      order,
      database: context.db.index,
      client: context.client,
      link: null,
      isSent: false,
      isAnswered: false,
      isGivenUp: false,
      refusal: '',
    };
    this.#journeys.add(journey);
    if (!order.copies) pause.carry(order.keys);
    waiting.block(
      context.client,
      Number.POSITIVE_INFINITY,
      (reply) => {
        journey.isGivenUp = true;
        journey.link?.close();
        reply.error(READING_FAILED);
      },
      () => {
        journey.client = null;
      },
    );
    this.#carry(journey).then(
      (text) => this.#end(journey, text),
      (error) => {
        this.#server.logInternalError(error);
        this.#end(journey, READING_FAILED);
      },
    );
  }

  /** Ends all connections, for ever. */
  stop(): void {
    this.#isStopped = true;
    for (const link of this.#idle.values()) link.close();
    for (const { link } of this.#journeys) link?.close();
  }

  #end(journey: Journey, text: string): void {
    if (this.#isStopped) return;
    const { pause, waiting } = this.#server;
    const { client, order } = journey;
    this.#journeys.delete(journey);
    if (!order.copies) pause.putDown(order.keys);
    if (client !== null) waiting.unblock(client, (reply) => (text === '' ? reply.ok() : reply.error(text)));
    this.#server.afterBackground();
  }

  /** Sends the keys, twice if need be: a link that was used before may have ended unnoticed. '' or what went wrong. */
  async #carry(journey: Journey): Promise<string> {
    for (let mayRetry = true; ; mayRetry = false) {
      let link: PeerLink;
      try {
        link = await this.#linkTo(journey.order);
      } catch {
        return CONNECTING_FAILED;
      }
      journey.link = link;
      try {
        await this.#transfer(journey, link);
        journey.link = null;
        this.#keep(journey.order, link);
        return journey.refusal === '' ? '' : targetRefused(journey.refusal);
      } catch (error) {
        journey.link = null;
        link.close();
        if (journey.refusal !== '') return targetRefused(journey.refusal);
        const isOver = journey.isGivenUp || journey.isAnswered || (error as LinkError).isTimeout;
        if (isOver || !mayRetry) return journey.isSent ? READING_FAILED : WRITING_FAILED;
      }
    }
  }

  async #linkTo({ host, port, timeoutMs }: MigrationOrder): Promise<PeerLink> {
    const name = `${host}:${port}`;
    const idle = this.#idle.get(name);
    if (idle !== undefined) {
      this.#idle.delete(name);
      idle.patienceMs = timeoutMs;
      return idle;
    }
    const { PeerLink } = await import('./peer_link.ts');
    return PeerLink.open(host, port, timeoutMs, this.#server.config);
  }

  /** Keeps a link for a while. */
  #keep({ host, port }: MigrationOrder, link: PeerLink): void {
    const name = `${host}:${port}`;
    if (!link.isOpen || this.#idle.has(name)) {
      link.close();
      return;
    }
    if (this.#idle.size === LINKS_MAX) this.#idle.values().next().value!.close();
    this.#idle.set(name, link);
    link.patienceMs = IDLE_MS_MAX;
    link.onEnd = () => {
      if (this.#idle.get(name) === link) this.#idle.delete(name);
    };
  }

  async #transfer(journey: Journey, link: PeerLink): Promise<void> {
    const { copies, database, login } = journey.order;
    journey.isSent = false;
    const greeting: Uint8Array[][] = [];
    if (login !== null)
      greeting.push([Buffer.from('AUTH'), ...(login.user ? [login.user] : []), login.password]);
    if (link.database !== database) greeting.push([Buffer.from('SELECT'), Buffer.from(database)]);
    for (const words of greeting) await link.write(request(words));
    const sent = await this.#send(journey, link);
    journey.isSent = true;
    for (const _ of greeting) noteRefusal(journey, await link.line());
    const isGreeted = journey.refusal === '';
    for (const key of sent) {
      const line = await link.line();
      journey.isAnswered = true;
      noteRefusal(journey, line);
      if (isGreeted && !line.startsWith('-') && !copies) this.#drop(journey.database, key);
    }
    link.database = journey.refusal === '' ? database : '';
  }

  /** Sends the keys that are still there; returns them. */
  async #send(journey: Journey, link: PeerLink): Promise<Uint8Array[]> {
    const { clock } = this.#server;
    const sent: Uint8Array[] = [];
    let endMs = clock.monotonicMs() + SLICE_MS;
    for (const key of journey.order.keys) {
      if (this.#isStopped) break;
      const bytes = this.#restoring(journey, key);
      if (bytes === null) continue;
      sent.push(key);
      await link.write(bytes);
      if (clock.monotonicMs() < endMs) continue;
      await nextTurn();
      endMs = clock.monotonicMs() + SLICE_MS;
    }
    return sent;
  }

  /** The request that makes a key there as it is here; null if it has gone. */
  #restoring({ database, order }: Journey, key: Uint8Array): Uint8Array | null {
    const { config, context, keyspace } = this.#server;
    keyspace.tick();
    const db = keyspace.db(database);
    const ref = db.find(key, 0, key.length, keyspace.hash.hash(key, 0, key.length));
    if (ref === 0 || db.isGone(ref)) return null;
    const { entries } = keyspace;
    const ttlMs = entries.hasExpiry(ref) ? Math.max(entries.expiry(ref) - keyspace.nowMs, 1) : 0;
    const { out } = context.dumper;
    context.dumper.dump(ref, config.boolean('rdbcompression'));
    const words = [Buffer.from('RESTORE'), key, Buffer.from(String(Math.ceil(ttlMs)))];
    words.push(out.bytes.subarray(0, out.length));
    if (order.replaces) words.push(Buffer.from('REPLACE'));
    const bytes = request(words);
    out.reset();
    return bytes;
  }

  /** The other server has the key. */
  #drop(database: number, key: Uint8Array): void {
    const { effects, keyspace } = this.#server;
    keyspace.tick();
    const db = keyspace.db(database);
    const ref = db.find(key, 0, key.length, keyspace.hash.hash(key, 0, key.length));
    if (ref === 0) return;
    keyspace.announceDrop(db, ref, false);
    db.removeEntry(ref, keyspace.lazyServerDel);
    keyspace.changed(db, key, 0, key.length, EVENT_GENERIC, 'del');
    effects.settle();
  }
}

function noteRefusal(journey: Journey, line: string): void {
  if (line.startsWith('-') && journey.refusal === '') journey.refusal = line.slice(1);
}

/** A request as an array of bulk strings. */
function request(words: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n'));
  return Buffer.concat(parts);
}
