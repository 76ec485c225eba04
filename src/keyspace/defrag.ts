// Moves blocks out of sparse spans, so that these become empty and their memory goes back to the system (`activedefrag`).
//
// A pass first puts the spans of each size class in order (Arena.condense), and then goes through all keys: whatever stands in
// a sparse span moves to a fuller one, and the one reference to it, in a bucket, an entry or a header, follows. Passes
// begin when more memory is lost between blocks than `active-defrag-ignore-bytes` and `active-defrag-threshold-lower` allow, and
// go on, with the smallest share of time, as long as they win something.
//
// The share of time that this takes is between `active-defrag-cycle-min` and `-max`, the more the more is lost; it is taken in
// slices of `active-defrag-cycle-us`. Values of more than `active-defrag-max-scan-fields` blocks wait in a list, by name, and
// are done in parts: between two of them anything may happen to them.
//
// While a snapshot is in progress nothing moves: it may be in the middle of a large value.
import type { Ref } from '../arena/arena.ts';
import { CLASS_COUNT } from '../arena/size_class.ts';
import type { Keyspace } from './keyspace.ts';

const PERCENT = 100;
/** Steps of a large value between two looks at the clock. */
const STEPS_A_PART = 32;
/** A pass that won next to nothing is not repeated for so long. */
const REST_MS = 1000;
/** The order of spans is put right again this often, where allocations have filled up what was to be filled. */
const AGAIN_MS = 20;
/** Share of the blocks looked at that must have moved for another pass at once. */
const WORTH_WHILE = 0.005;
/** Lost memory in percent with which no pass begins. */
const GOOD_PERCENT = 2;
/** Unused time is not saved up beyond so much. */
const SAVED_MS_MAX = 25;

interface Later {
  readonly database: number;
  readonly name: Uint8Array;
  readonly hash: number;
  cursor: number;
}

export class Defrag {
  enabled = false;
  ignoreBytes = 0;
  /** Lost memory in percent of what is used: where work begins, and where it takes its largest share of time. */
  lowerPercent = 0;
  upperPercent = 0;
  minSharePercent = 0;
  maxSharePercent = 0;
  sliceMs = 0;
  maxScanFields = 0;
  /** Keys of which anything moved, and others (INFO active_defrag_key_hits, _misses). */
  keyHits = 0;
  keyMisses = 0;
  readonly #keyspace: Keyspace;
  /** Present share of time in percent; 0 while no pass is under way. */
  #sharePercent = 0;
  /** The size class to be put in order next, then the database at hand and the place in it. */
  #class = 0;
  #database = 0;
  #cursor = 0;
  readonly #later: Later[] = [];
  #lastMs = 0;
  #savedMs = 0;
  #restsUntilMs = 0;
  /** The last pass won something. */
  #goesOn = false;
  #againMs = 0;
  #startedMs = 0;
  #totalMs = 0;
  #looksBefore = 0;
  #movesBefore = 0;
  readonly #move = (ref: Ref): Ref => this.#moveEntry(ref);

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Share of the time that goes into this now, in percent (INFO active_defrag_running). */
  get sharePercent(): number {
    return this.#sharePercent;
  }

  /** How long passes have lasted in all, and the one under way, in ms. */
  get totalMs(): number {
    return this.#totalMs + this.currentMs;
  }

  get currentMs(): number {
    return this.#sharePercent === 0 ? 0 : this.#keyspace.clock.monotonicMs() - this.#startedMs;
  }

  /** Works for at most `budgetMs`, or to the end of a pass if that is infinite; true when there is more to do at once. */
  slice(budgetMs: number): boolean {
    const { clock } = this.#keyspace;
    const nowMs = clock.monotonicMs();
    const passedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (!this.#mayWork(nowMs)) return false;
    const isUnlimited = budgetMs === Number.POSITIVE_INFINITY;
    this.#savedMs = Math.min(this.#savedMs + (passedMs * this.#sharePercent) / PERCENT, SAVED_MS_MAX);
    if (this.#savedMs <= 0 && !isUnlimited) return false;
    const endMs = nowMs + (isUnlimited ? budgetMs : Math.min(budgetMs, this.sliceMs, this.#savedMs));
    if (nowMs >= this.#againMs) {
      this.#againMs = nowMs + AGAIN_MS;
      this.#keyspace.arena.condenseAgain();
    }
    let more = true;
    do more = this.#step();
    while (more && clock.monotonicMs() < endMs);
    this.#savedMs -= clock.monotonicMs() - nowMs;
    if (!more) this.#endPass();
    return more && this.#savedMs > 0;
  }

  /** Whether a pass is under way and may go on; begins one if there is need. */
  #mayWork(nowMs: number): boolean {
    for (let i = 0; i < this.#keyspace.databaseCount; i++)
      if (this.#keyspace.db(i).guard !== null) return false;
    const wanted = this.#wantedPercent();
    if (!this.enabled) {
      if (this.#sharePercent > 0) this.#endPass();
      return false;
    }
    if (this.#sharePercent > 0) {
      this.#sharePercent = Math.max(this.#sharePercent, wanted);
      return true;
    }
    if (wanted === 0 || nowMs < this.#restsUntilMs) return false;
    this.#sharePercent = wanted;
    this.#startedMs = nowMs;
    this.#savedMs = this.sliceMs;
    this.#class = 0;
    this.#database = 0;
    this.#cursor = 0;
    this.#looksBefore = this.#keyspace.arena.looks;
    this.#movesBefore = this.#keyspace.arena.moves;
    return true;
  }

  #wantedPercent(): number {
    const { arena } = this.#keyspace;
    const slack = arena.slackBytes;
    const percent = (slack / Math.max(1, arena.usedBytes)) * PERCENT;
    if (slack <= this.ignoreBytes || percent <= this.lowerPercent)
      return this.#goesOn && percent > GOOD_PERCENT ? this.minSharePercent : 0;
    const place = (percent - this.lowerPercent) / Math.max(1, this.upperPercent - this.lowerPercent);
    return this.minSharePercent + (this.maxSharePercent - this.minSharePercent) * Math.min(1, place);
  }

  #endPass(): void {
    const { arena, clock } = this.#keyspace;
    const nowMs = clock.monotonicMs();
    const moves = arena.moves - this.#movesBefore;
    this.#goesOn = moves >= (arena.looks - this.#looksBefore) * WORTH_WHILE && moves > 0;
    if (!this.#goesOn) this.#restsUntilMs = nowMs + REST_MS;
    this.#totalMs += nowMs - this.#startedMs;
    this.#sharePercent = 0;
    this.#later.length = 0;
    arena.endCondensing();
  }

  /** Does one small thing; false at the end of the pass. */
  #step(): boolean {
    const { arena, databaseCount } = this.#keyspace;
    if (this.#class < CLASS_COUNT) {
      arena.condense(this.#class++);
      return true;
    }
    if (this.#later.length > 0) {
      this.#movePart(this.#later.at(-1)!);
      return true;
    }
    if (this.#database === databaseCount) return false;
    this.#cursor = this.#keyspace.db(this.#database).moveAt(this.#cursor, this.#move);
    if (this.#cursor === 0) this.#database++;
    return true;
  }

  /** Moves an entry and what it refers to; its reference. A large value waits. */
  #moveEntry(ref: Ref): Ref {
    const { arena, entries, types } = this.#keyspace;
    const type = types[entries.type(ref)]!;
    const before = arena.moves;
    if (entries.hasWords(ref)) {
      if (type.effort(ref) > this.maxScanFields) this.#putOff(ref);
      else for (let cursor = type.moveBlocks(ref, 0); cursor !== 0; ) cursor = type.moveBlocks(ref, cursor);
    }
    const bytes = entries.blockBytes(ref);
    const next = arena.isSparse(ref, bytes) ? arena.move(ref, bytes) : ref;
    if (arena.moves > before) this.keyHits++;
    else this.keyMisses++;
    return next;
  }

  #putOff(ref: Ref): void {
    const { entries, hash } = this.#keyspace;
    const at = entries.keyAt(ref);
    const name = entries.view(ref).slice(at, at + entries.keyBytes(ref));
    this.#later.push({
      database: this.#database,
      name,
      hash: hash.hash(name, 0, name.length),
      cursor: 0,
    });
  }

  /** Moves some blocks of a large value, if it is there still. */
  #movePart(later: Later): void {
    const { entries, types } = this.#keyspace;
    const { name } = later;
    const ref = this.#keyspace.db(later.database).find(name, 0, name.length, later.hash);
    const type = ref === 0 ? undefined : types[entries.type(ref)];
    const isLarge = type !== undefined && entries.hasWords(ref) && type.effort(ref) > this.maxScanFields;
    for (let left = isLarge ? STEPS_A_PART : 0; left > 0; left--) {
      later.cursor = type!.moveBlocks(ref, later.cursor);
      if (later.cursor === 0) break;
    }
    if (!isLarge || later.cursor === 0) this.#later.pop();
  }
}
