// Seeded random numbers (sfc32, Chris Doty-Humphrey's "small fast counter" generator), so that a run can be repeated.

export class Random {
  #a = 0;
  #b: number;
  #c = 1;
  #counter = 1;

  constructor(seed: number) {
    this.#b = seed >>> 0;
    this.#c ^= Math.floor(seed / 2 ** 32);
    for (let i = 0; i < 15; i++) this.next();
  }

  /** Uniform in 0 … 2³²-1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter++) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) >>> 0;
    return sum;
  }

  /** Uniform in 0 … `bound` - 1. */
  below(bound: number): number {
    return this.next() % bound;
  }

  /** Uniform in `from` … `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}
