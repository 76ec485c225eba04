// A plain model of sorted sets: maps from members to scores, sorted whenever an order is asked for. It knows only commands
// without mistakes in their arguments.

export interface Limits {
  entries: number;
  bytes: number;
}

interface Stored {
  scores: Map<string, number>;
  encoding: string;
}

export type Pair = readonly [member: string, score: number];

function byOrder([a, aScore]: Pair, [b, bScore]: Pair): number {
  if (aScore !== bScore) return aScore < bScore ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function sum(a: number, b: number): number {
  return Number.isNaN(a + b) ? 0 : a + b;
}

export class SortedSetModel {
  readonly keys = new Map<string, Stored>();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  pairs(key: string): Pair[] {
    return [...(this.keys.get(key)?.scores ?? [])].sort(byOrder);
  }

  encoding(key: string): string | null {
    return this.keys.get(key)?.encoding ?? null;
  }

  /** What ZADD answers: the number of added members, of changed ones too with CH. */
  add(key: string, option: string, pairs: readonly Pair[]): number {
    let added = 0;
    let updated = 0;
    for (const [member, score] of pairs) {
      const old = this.keys.get(key)?.scores.get(member);
      if (old === undefined) {
        if (option === 'XX') continue;
        this.put(key, member, score);
        added++;
      } else if (
        option !== 'NX' &&
        old !== score &&
        !(option === 'GT' && score < old) &&
        !(option === 'LT' && score > old)
      ) {
        this.put(key, member, score);
        updated++;
      }
    }
    return option === 'CH' ? added + updated : added;
  }

  put(key: string, member: string, score: number): void {
    const { bytes, entries } = this.#limits;
    let stored = this.keys.get(key);
    if (stored === undefined) {
      stored = { scores: new Map(), encoding: 'listpack' };
      this.keys.set(key, stored);
    }
    stored.scores.set(member, score);
    if (stored.scores.size > entries || member.length > bytes) stored.encoding = 'skiplist';
  }

  increment(key: string, member: string, by: number): number {
    const score = (this.keys.get(key)?.scores.get(member) ?? 0) + by;
    this.put(key, member, score);
    return score;
  }

  remove(key: string, members: readonly string[]): number {
    const scores = this.keys.get(key)?.scores;
    const removed = [...new Set(members)].filter((member) => scores?.delete(member)).length;
    if (scores?.size === 0) this.keys.delete(key);
    return removed;
  }

  rank(key: string, member: string, reverse: boolean): number | null {
    const pairs = this.pairs(key);
    if (reverse) pairs.reverse();
    const rank = pairs.findIndex(([other]) => other === member);
    return rank < 0 ? null : rank;
  }

  byRank(key: string, first: number, last: number, reverse: boolean): Pair[] {
    const pairs = this.pairs(key);
    if (reverse) pairs.reverse();
    const from = first < 0 ? Math.max(0, pairs.length + first) : first;
    const to = last < 0 ? pairs.length + last : last;
    return to < from ? [] : pairs.slice(from, to + 1);
  }

  byScore(key: string, min: number, minOpen: boolean, max: number, maxOpen: boolean): Pair[] {
    return this.pairs(key).filter(
      ([, score]) => (minOpen ? score > min : score >= min) && (maxOpen ? score < max : score <= max),
    );
  }

  pop(key: string, count: number, fromTop: boolean): Pair[] {
    const popped = this.byRank(key, 0, count - 1, fromTop).slice(0, count);
    this.remove(
      key,
      popped.map(([member]) => member),
    );
    return popped;
  }

  /** Replaces a key by the result of a command; it is a listpack again if it fits. */
  store(key: string, pairs: readonly Pair[]): number {
    this.keys.delete(key);
    for (const [member, score] of pairs) this.put(key, member, score);
    return pairs.length;
  }

  combine(operation: string, keys: readonly string[], weights: readonly number[], aggregate: string): Pair[] {
    const fold = { SUM: sum, MIN: Math.min, MAX: Math.max }[aggregate]!;
    const sources = keys.map((key, i) => ({ scores: new Map(this.pairs(key)), weight: weights[i]! }));
    const first = sources[0]!;
    if (operation === 'ZDIFF') {
      const others = sources.slice(1);
      return [...first.scores].filter(([member]) => !others.some(({ scores }) => scores.has(member)));
    }
    const ordered = [...sources].sort((a, b) => a.scores.size - b.scores.size);
    const result = new Map<string, number>();
    for (const { scores, weight } of ordered) {
      for (const [member, score] of scores) {
        const weighted = Number.isNaN(score * weight) ? 0 : score * weight;
        const old = result.get(member);
        result.set(member, old === undefined ? weighted : fold(old, weighted));
      }
    }
    const everywhere = (member: string): boolean => sources.every(({ scores }) => scores.has(member));
    return [...result].filter(([member]) => operation === 'ZUNION' || everywhere(member)).sort(byOrder);
  }
}
