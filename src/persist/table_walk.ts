// A set, sorted set or hash that is a table of elements: they are written like the keys of a database (hash_parts.ts), in any
// order.
import type { Ref } from '../arena/arena.ts';
import type { ElementGuard, ElementTable } from '../structs/element_table.ts';
import { HashParts } from './hash_parts.ts';
import type { Piece } from './pieces.ts';
import { PIECE_BYTES, ValueWalk, type ValueWalkOptions } from './value_walk.ts';
import type { ElementWriter } from './value_writer.ts';

class Elements extends HashParts {
  readonly #write: (first: number, end: number) => void;

  constructor(elements: number, write: (first: number, end: number) => void) {
    super(elements);
    this.#write = write;
  }

  protected override write(first: number, end: number): void {
    this.#write(first, end);
  }
}

export class TableWalk extends ValueWalk implements ElementGuard {
  readonly #elements: Elements;
  readonly #parts: Piece[] = [];

  /** `table` is an object that is used for nothing else at the same time. */
  constructor(options: ValueWalkOptions, table: ElementTable, elements: number, writer: ElementWriter) {
    super(options);
    const { out, pieces, structure } = options;
    const visit = (element: Ref): void => writer(element);
    this.#elements = new Elements(elements, (first, end) =>
      this.attempt(() => {
        table.open(structure);
        table.visitHashes(first, end, visit);
        if (out.length >= PIECE_BYTES) this.#parts.push(pieces.keep(out));
      }),
    );
  }

  before(hash: number): void {
    this.#elements.before(hash);
  }

  step(): boolean {
    return this.#elements.step();
  }

  parts(): Piece[] {
    const { out, pieces } = this.options;
    if (out.length > 0) this.#parts.push(pieces.keep(out));
    return this.#parts;
  }
}
