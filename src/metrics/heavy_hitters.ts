// Which keys weigh most, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent
// and top-k elements in data streams", 2005), with weights. A key that is not counted yet takes the place of the lightest
// one and goes on from its weight, which is what may be wrong about it. So a key that weighs more than a share of
// 1 / places of all is never missing, and what `heaviest` says of it is no more than the truth.

export interface Weighed {
  readonly key: string;
  readonly weight: number;
}

interface Counter {
  key: string;
  weight: number;
  /** What of the weight may belong to keys that were counted here before. */
  error: number;
  /** Index in the heap. */
  place: number;
}

export class HeavyHitters {
  /** All that was ever added. */
  total = 0;
  readonly #places: number;
  readonly #counters = new Map<string, Counter>();
  /** A binary heap, the lightest first. */
  readonly #heap: Counter[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Counts a key: a look into a map, and some steps in a heap. */
  add(key: string, weight: number): void {
    this.total += weight;
    const counter = this.#counters.get(key) ?? this.#newCounter(key);
    counter.weight += weight;
    this.#sink(counter);
  }

  /** At most `count` keys and what each weighs at least, the heaviest first. */
  heaviest(count: number): Weighed[] {
    return this.#heap
      .map(({ key, weight, error }) => ({ key, weight: weight - error }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, count);
  }

  #newCounter(key: string): Counter {
    if (this.#heap.length < this.#places) {
      const counter = { key, weight: 0, error: 0, place: this.#heap.length };
      this.#heap.push(counter);
      this.#counters.set(key, counter);
      this.#rise(counter);
      return counter;
    }
    const lightest = this.#heap[0]!;
    this.#counters.delete(lightest.key);
    lightest.key = key;
    lightest.error = lightest.weight;
    this.#counters.set(key, lightest);
    return lightest;
  }

  #rise(counter: Counter): void {
    while (counter.place > 0) {
      const parent = this.#heap[(counter.place - 1) >> 1]!;
      if (parent.weight <= counter.weight) return;
      this.#swap(parent, counter);
    }
  }

  #sink(counter: Counter): void {
    for (;;) {
      const left = this.#heap[2 * counter.place + 1];
      const right = this.#heap[2 * counter.place + 2];
      const child = right !== undefined && right.weight < left!.weight ? right : left;
      if (child === undefined || child.weight >= counter.weight) return;
      this.#swap(counter, child);
    }
  }

  #swap(a: Counter, b: Counter): void {
    [a.place, b.place] = [b.place, a.place];
    this.#heap[a.place] = a;
    this.#heap[b.place] = b;
  }
}
