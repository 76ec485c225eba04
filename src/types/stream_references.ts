// What groups still refer to when an entry is to go (KEEPREF, DELREF and ACKED of XADD, XTRIM, XDELEX, XACKDEL).
import type { Ref } from '../arena/arena.ts';
import type { Id } from '../structs/stream_id.ts';
import type { Streams } from './stream.ts';

/** Pending entries of groups stay. */
export const KEEP_REFERENCES = 0;
/** Pending entries of all groups go with the entry. */
export const DROP_REFERENCES = 1;
/** An entry stays unless every group has got and acknowledged it. */
export const IF_ACKNOWLEDGED = 2;

export class StreamReferences {
  readonly #streams: Streams;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** Whether an entry may go. */
  mayRemove(stream: Ref, id: Id, references: number): boolean {
    if (references !== IF_ACKNOWLEDGED) return true;
    const { groups } = this.#streams;
    const { names } = groups;
    for (let more = names.seekFirst(this.#streams.groupsOf(stream)); more; more = names.next()) {
      if (groups.compareLastId(names.value, id) < 0 || groups.findPending(names.value, id) !== 0)
        return false;
    }
    return true;
  }

  /** Does to the groups what follows from an entry's going. */
  removed(stream: Ref, id: Id, references: number): void {
    if (references !== DROP_REFERENCES) return;
    const { groups } = this.#streams;
    const { names } = groups;
    for (let more = names.seekFirst(this.#streams.groupsOf(stream)); more; more = names.next()) {
      groups.acknowledge(names.value, id);
    }
  }
}
