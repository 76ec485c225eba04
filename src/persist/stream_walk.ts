// A stream as a snapshot sees it: written node by node in the order of ids, each before it changes. What comes behind the nodes
// in the file, the stream's own ids and the groups, is written at once when the walk begins.
import type { Ref } from '../arena/arena.ts';
import { compareIds, type Id, increment, makeId } from '../structs/stream_id.ts';
import type { StreamGuard } from '../types/stream.ts';
import type { Piece } from './pieces.ts';
import { RdbOutput } from './rdb_output.ts';
import type { Readers } from './readers.ts';
import { PIECE_BYTES, ValueWalk, type ValueWalkOptions } from './value_walk.ts';
import { ValueWriter } from './value_writer.ts';

/** What one step writes at least, if there is so much. */
const STEP_BYTES = 32 * 1024;

/** A node that was written before its turn. */
interface Early {
  readonly id: Id;
  readonly piece: Piece;
}

export class StreamWalk extends ValueWalk implements StreamGuard {
  readonly #stream: Ref;
  readonly #readers: Readers;
  readonly #values: ValueWriter;
  /** Nodes not below `#next` that are written already, by their ids; those before `#nextEarly` have had their turn. */
  readonly #early: Early[] = [];
  #nextEarly = 0;
  readonly #aside = new RdbOutput();
  readonly #asideValues: ValueWriter;
  readonly #parts: Piece[] = [];
  readonly #rest: Piece;
  /** Nodes below this are written; those above `#last` came later. */
  readonly #next: Id = makeId();
  readonly #last: Id = makeId();
  readonly #id: Id = makeId();

  /** `readers` are used by nobody else while this object is asked for something. */
  constructor(options: ValueWalkOptions, readers: Readers) {
    super(options);
    const { out, pieces, structure } = options;
    this.#stream = structure;
    this.#readers = readers;
    this.#values = new ValueWriter(readers, out);
    this.#aside.compresses = out.compresses;
    this.#asideValues = new ValueWriter(readers, this.#aside);
    this.#asideValues.streamRest(structure);
    this.#rest = pieces.keep(this.#aside);
    const { tree } = readers.streams;
    tree.seekLast(structure);
    tree.readId(this.#last);
    out.size(tree.count(structure));
  }

  before(master: Id): void {
    if (compareIds(master, this.#next) < 0 || compareIds(master, this.#last) > 0) return;
    const at = this.#placeOf(master);
    if (at < this.#early.length && compareIds(this.#early[at]!.id, master) === 0) return;
    this.attempt(() => {
      const { tree } = this.#readers.streams;
      if (!tree.seekAtLeast(this.#stream, master) || tree.compareHere(master) !== 0) return;
      this.#asideValues.streamNode();
      this.#early.splice(at, 0, { id: master.slice(), piece: this.options.pieces.keep(this.#aside) });
    });
  }

  step(): boolean {
    let more = false;
    this.attempt(() => {
      more = this.#step();
    });
    return more;
  }

  parts(): Piece[] {
    while (this.#nextEarly < this.#early.length) this.#takeEarly();
    this.#keep();
    return [...this.#parts, this.#rest];
  }

  #step(): boolean {
    const { tree } = this.#readers.streams;
    const { out } = this.options;
    const id = this.#id;
    let bytes = 0;
    for (let more = tree.seekAtLeast(this.#stream, this.#next); more; more = tree.next()) {
      tree.readId(id);
      if (compareIds(id, this.#last) > 0) return false;
      if (!this.#isEarly(id)) {
        const before = out.length;
        this.#values.streamNode();
        bytes += out.length - before;
      }
      this.#next.set(id);
      if (!increment(this.#next)) return false;
      if (out.length >= PIECE_BYTES) this.#keep();
      if (bytes >= STEP_BYTES) return true;
    }
    return false;
  }

  /** Puts what was written early into its place up to an id, and whether that itself was written early. */
  #isEarly(id: Id): boolean {
    for (; this.#nextEarly < this.#early.length; this.#takeEarly()) {
      const order = compareIds(this.#early[this.#nextEarly]!.id, id);
      if (order < 0) continue;
      if (order === 0) this.#takeEarly();
      return order === 0;
    }
    return false;
  }

  #takeEarly(): void {
    this.#keep();
    this.#parts.push(this.#early[this.#nextEarly++]!.piece);
  }

  /** Ends the piece in hand. */
  #keep(): void {
    const { out, pieces } = this.options;
    if (out.length > 0) this.#parts.push(pieces.keep(out));
  }

  /** Index of the first early node with at least this id. */
  #placeOf(id: Id): number {
    let low = this.#nextEarly;
    let high = this.#early.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIds(this.#early[middle]!.id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
