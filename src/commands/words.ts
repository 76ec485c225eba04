// The arguments of a command from one of them on, as the words of a command of their own: what finds keys reads these.
import type { Args } from './args.ts';
import type { Words } from './key_specs.ts';

export class ArgsFrom implements Words {
  readonly #args: Args;
  readonly #first: number;

  constructor(args: Args, first: number) {
    this.#args = args;
    this.#first = first;
  }

  get count(): number {
    return this.#args.count - this.#first;
  }

  get bytes(): Uint8Array {
    return this.#args.bytes;
  }

  at(index: number): number {
    return this.#args.at(this.#first + index);
  }

  length(index: number): number {
    return this.#args.length(this.#first + index);
  }

  /** One character for each byte. */
  text(index: number): string {
    return this.#args.text(this.#first + index);
  }

  is(index: number, lower: string): boolean {
    return this.#args.is(this.#first + index, lower);
  }

  integer(index: number): number {
    return this.#args.int(this.#first + index);
  }
}
