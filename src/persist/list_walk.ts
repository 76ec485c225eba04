// A long list as a snapshot sees it: written node by node from the head to the tail, each node before it changes or goes.
//
// What is still to be written is runs of nodes that are neighbours. In the beginning there is one run, all nodes. The walk takes
// nodes from the front of the first run; a node that is about to change is taken out of its run, which often is at one of its
// ends (clients push and pop) and else makes two runs of one. What was written, and runs, stand in the order of the list
// as it was:
//
//   written ─ written ─ run [a … d] ─ written ─ run [f … z] ─ written          nodes that came later are in no run
//
// In which run a node is, if in any, its neighbours tell: from it the search goes in both directions until it meets an end of
// a run or of the list. That is near for the ends of lists, and for the others no farther than the command had to go.
import type { Ref } from '../arena/arena.ts';
import { type ChainGuard, HEAD, TAIL } from '../structs/quicklist_chain.ts';
import type { QuicklistNodes } from '../structs/quicklist_node.ts';
import type { Piece } from './pieces.ts';
import { RdbOutput } from './rdb_output.ts';
import type { Readers } from './readers.ts';
import { PIECE_BYTES, ValueWalk, type ValueWalkOptions } from './value_walk.ts';
import { ValueWriter } from './value_writer.ts';

/** What one step writes at least, if there is so much. */
const STEP_BYTES = 32 * 1024;

/** A link of the chain of what is written and what is not. */
interface Part {
  previous: Part | null;
  next: Part | null;
  /** What is written; null in a run. */
  piece: Piece | null;
  /** Ends of a run. */
  first: Ref;
  last: Ref;
}

export class ListWalk extends ValueWalk implements ChainGuard {
  readonly #nodes: QuicklistNodes;
  readonly #values: ValueWriter;
  readonly #onCut: (part: Ref) => void;
  readonly #onGone: (list: Ref) => void;
  /** For nodes that are written before their turn. */
  readonly #aside = new RdbOutput();
  readonly #asideValues: ValueWriter;
  /** Runs by their first and by their last nodes. */
  readonly #firsts = new Map<Ref, Part>();
  readonly #lasts = new Map<Ref, Part>();
  /** The first part, a piece of nothing. */
  readonly #head: Part = { previous: null, next: null, piece: null, first: 0, last: 0 };
  /** The first run, or null; what the walk has in hand belongs before it. */
  #run: Part | null;

  /**
   * `readers` are used by nobody else while this object is asked for something. `onCut` hears of a list that nodes
   * of this one became, `onGone` that the list is none any more.
   */
  constructor(
    options: ValueWalkOptions,
    readers: Readers,
    onCut: (part: Ref) => void,
    onGone: (list: Ref) => void,
  ) {
    super(options);
    const { quicklists } = readers.lists;
    this.#nodes = quicklists.nodes;
    this.#onCut = onCut;
    this.#onGone = onGone;
    this.#values = new ValueWriter(readers, options.out);
    this.#aside.compresses = options.out.compresses;
    this.#asideValues = new ValueWriter(readers, this.#aside);
    options.out.size(quicklists.nodeCount(options.structure));
    const first = quicklists.nodeAt(options.structure, HEAD);
    this.#run = this.#insertRun(this.#head, first, quicklists.nodeAt(options.structure, TAIL));
  }

  before(node: Ref): void {
    const run = this.#runOf(node);
    if (run === null) return;
    if (run === this.#run && node === run.first) {
      this.#takeFirst(run);
      return;
    }
    this.attempt(() => {
      this.#asideValues.listNode(node);
      this.#takeOut(run, node, this.options.pieces.keep(this.#aside));
    });
  }

  cut(part: Ref, before: Ref, after: Ref): void {
    const run = this.#runOf(before);
    if (run !== null && run.last !== before) {
      this.#lasts.delete(run.last);
      this.#insertRun(run, after, run.last);
      run.last = before;
      this.#lasts.set(before, run);
    }
    this.#onCut(part);
  }

  gone(list: Ref): void {
    this.#onGone(list);
  }

  step(): boolean {
    for (let bytes = 0; this.#run !== null && bytes < STEP_BYTES && !this.isOver; ) {
      bytes += this.#takeFirst(this.#run);
    }
    return this.#run !== null;
  }

  parts(): Piece[] {
    const pieces: Piece[] = [];
    for (let part = this.#head.next; part !== null; part = part.next) pieces.push(part.piece!);
    return pieces;
  }

  /** Writes the first node of the first run; how many bytes that were. */
  #takeFirst(run: Part): number {
    const { out } = this.options;
    const node = run.first;
    let bytes = 0;
    this.attempt(() => {
      bytes = -out.length;
      this.#values.listNode(node);
      bytes += out.length;
      this.#firsts.delete(node);
      if (node === run.last) {
        this.#lasts.delete(node);
        this.#end(run);
      } else {
        run.first = this.#nodes.next(node);
        this.#firsts.set(run.first, run);
        if (out.length >= PIECE_BYTES) this.#keep(run.previous!);
      }
    });
    return bytes;
  }

  /** The first run is through: what the walk has in hand takes its place, and the next run is the first one. */
  #end(run: Part): void {
    this.#keep(run.previous!);
    this.#unlink(run);
    let next = run.next;
    while (next !== null && next.piece !== null) next = next.next;
    this.#run = next;
  }

  /** Puts a piece in the place of a node of a run that is not the first one of the first run. */
  #takeOut(run: Part, node: Ref, piece: Piece): void {
    const { first, last } = run;
    this.#firsts.delete(first);
    this.#lasts.delete(last);
    const written = this.#insert(run, { previous: null, next: null, piece, first: 0, last: 0 });
    if (node !== last) this.#insertRun(written, this.#nodes.next(node), last);
    if (node === first) {
      this.#unlink(run);
      return;
    }
    run.last = this.#nodes.previous(node);
    this.#firsts.set(first, run);
    this.#lasts.set(run.last, run);
  }

  /** Puts what the walk has in hand behind `part`. */
  #keep(part: Part): void {
    const { out, pieces } = this.options;
    if (out.length === 0) return;
    this.#insert(part, { previous: null, next: null, piece: pieces.keep(out), first: 0, last: 0 });
  }

  #insertRun(previous: Part, first: Ref, last: Ref): Part {
    const run = this.#insert(previous, { previous: null, next: null, piece: null, first, last });
    this.#firsts.set(first, run);
    this.#lasts.set(last, run);
    return run;
  }

  #insert(previous: Part, part: Part): Part {
    part.previous = previous;
    part.next = previous.next;
    if (previous.next !== null) previous.next.previous = part;
    previous.next = part;
    return part;
  }

  #unlink({ previous, next }: Part): void {
    previous!.next = next;
    if (next !== null) next.previous = previous;
  }

  /** The run that a node is in, or null. */
  #runOf(node: Ref): Part | null {
    const nodes = this.#nodes;
    const own = this.#firsts.get(node) ?? this.#lasts.get(node);
    if (own !== undefined) return own;
    let left = node;
    let right = node;
    for (;;) {
      left = nodes.previous(left);
      if (left === 0 || this.#lasts.has(left)) return null;
      const begun = this.#firsts.get(left);
      if (begun !== undefined) return begun;
      right = nodes.next(right);
      if (right === 0 || this.#firsts.has(right)) return null;
      const ending = this.#lasts.get(right);
      if (ending !== undefined) return ending;
    }
  }
}
