// What the commands of lists do, over plain arrays.

/** Null of RESP3, or of RESP2 whether of a value or of an array. */
type Answer = string | number | null | Answer[];

export class ListModel {
  readonly lists = new Map<string, string[]>();

  /** What a command answers. */
  run(name: string, ...args: string[]): Answer {
    const [key = '', ...rest] = args;
    const list = this.lists.get(key);
    switch (name) {
      case 'LPUSH':
        return this.#push(key, rest, true);
      case 'RPUSH':
        return this.#push(key, rest, false);
      case 'LPUSHX':
        return list === undefined ? 0 : this.#push(key, rest, true);
      case 'RPUSHX':
        return list === undefined ? 0 : this.#push(key, rest, false);
      case 'LPOP':
        return this.#pop(key, true, rest[0]);
      case 'RPOP':
        return this.#pop(key, false, rest[0]);
      case 'LLEN':
        return list?.length ?? 0;
      case 'LINDEX':
        return list?.at(Number(rest[0])) ?? null;
      case 'LSET':
        return this.#set(list, Number(rest[0]), rest[1]!);
      case 'LINSERT':
        return insert(list, rest[0]!, rest[1]!, rest[2]!);
      case 'LRANGE':
        return range(list ?? [], Number(rest[0]), Number(rest[1]));
      case 'LTRIM':
        this.#keep(key, range(list ?? [], Number(rest[0]), Number(rest[1])));
        return 'OK';
      case 'LREM':
        return this.#remove(key, Number(rest[0]), rest[1]!);
      case 'LPOS':
        return positions(list ?? [], rest);
      case 'LMOVE':
        return this.#move(key, rest[0]!, rest[1] === 'LEFT', rest[2] === 'LEFT');
      case 'RPOPLPUSH':
        return this.#move(key, rest[0]!, false, true);
      case 'LMPOP':
        return this.#popFirst(args);
      default:
        throw new Error(`the model does not know ${name}`);
    }
  }

  #push(key: string, elements: string[], isLeft: boolean): number {
    const list = this.lists.get(key) ?? [];
    this.lists.set(key, list);
    if (isLeft) list.unshift(...elements.reverse());
    else list.push(...elements);
    return list.length;
  }

  #pop(key: string, isLeft: boolean, count?: string): Answer {
    const list = this.lists.get(key);
    if (list === undefined) return null;
    const most = count === undefined ? 1 : Number(count);
    const taken: string[] = [];
    while (taken.length < most && list.length > 0) taken.push(isLeft ? list.shift()! : list.pop()!);
    this.#keep(key, list);
    return count === undefined ? taken[0]! : taken;
  }

  #set(list: string[] | undefined, index: number, element: string): Answer {
    if (list === undefined) return '-ERR no such key';
    const at = index < 0 ? list.length + index : index;
    if (at < 0 || at >= list.length) return '-ERR index out of range';
    list[at] = element;
    return 'OK';
  }

  #remove(key: string, count: number, element: string): number {
    const list = this.lists.get(key) ?? [];
    const most = count === 0 ? list.length : Math.abs(count);
    let removed = 0;
    while (removed < most) {
      const at = count < 0 ? list.lastIndexOf(element) : list.indexOf(element);
      if (at < 0) break;
      list.splice(at, 1);
      removed++;
    }
    this.#keep(key, list);
    return removed;
  }

  #move(from: string, to: string, takesLeft: boolean, putsLeft: boolean): Answer {
    const element = this.#pop(from, takesLeft);
    if (element !== null) this.#push(to, [element as string], putsLeft);
    return element;
  }

  #popFirst(args: string[]): Answer {
    const keyCount = Number(args[0]);
    const [end, , count] = args.slice(keyCount + 1);
    for (const key of args.slice(1, keyCount + 1)) {
      if (this.lists.has(key)) return [key, this.#pop(key, end === 'LEFT', count ?? '1')];
    }
    return null;
  }

  #keep(key: string, list: string[]): void {
    if (list.length === 0) this.lists.delete(key);
    else this.lists.set(key, list);
  }
}

function insert(list: string[] | undefined, where: string, pivot: string, element: string): number {
  if (list === undefined) return 0;
  const at = list.indexOf(pivot);
  if (at < 0) return -1;
  list.splice(where === 'AFTER' ? at + 1 : at, 0, element);
  return list.length;
}

function range(list: string[], start: number, stop: number): string[] {
  const from = Math.max(0, start < 0 ? list.length + start : start);
  return list.slice(from, Math.max(from, (stop < 0 ? list.length + stop : stop) + 1));
}

function positions(list: string[], [element, ...options]: string[]): Answer {
  const values = new Map<string, number>();
  for (let i = 0; i < options.length; i += 2) values.set(options[i]!, Number(options[i + 1]));
  const rank = values.get('RANK') ?? 1;
  const length = list.length;
  const order = list.map((_, i) => (rank > 0 ? i : length - 1 - i));
  const looked = order.slice(0, values.get('MAXLEN') || length);
  const found = looked.filter((i) => list[i] === element).slice(Math.abs(rank) - 1);
  const count = values.get('COUNT');
  if (count === undefined) return found[0] ?? null;
  return count === 0 ? found : found.slice(0, count);
}
