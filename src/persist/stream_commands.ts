// A stream as the commands that make it: its entries, its ids and counts, what producers sent, its groups with consumers and
// what is pending. That an entry is pending, or was sent, which was deleted since no command can say: there something takes its
// place until it is said (Redis leaves it out).
//
//   XADD …, XSETID, XCFGSET, XIDMPRECORD …, XGROUP CREATE, XCLAIM …, XNACK …, then XTRIM, XDEL … and XSETID once more
import type { Ref } from '../arena/arena.ts';
import { compareIds, type Id, makeId, setLowest } from '../structs/stream_id.ts';
import type { Streams } from '../types/stream.ts';
import type { Name } from '../types/stream_words.ts';
import type { CommandOutput } from './command_output.ts';

/** Ids that one XDEL has at most. */
const IDS_A_COMMAND = 64;

export class StreamCommands {
  readonly #streams: Streams;
  readonly #commands: CommandOutput;
  readonly #id = makeId();
  readonly #last = makeId();

  constructor(streams: Streams, commands: CommandOutput) {
    this.#streams = streams;
    this.#commands = commands;
  }

  write(ref: Ref, key: Uint8Array): void {
    const stream = this.#streams.of(ref);
    const gone = this.#gone(stream);
    this.#entries(stream, key, gone);
    this.#counts(stream, key);
    this.#producers(stream, key);
    for (const group of this.#groups(stream)) this.#group(key, group);
    if (gone.length === 0) return;
    this.#remove(stream, key, gone);
    this.#counts(stream, key);
  }

  *#groups(stream: Ref): Generator<Ref> {
    const { groups } = this.#streams;
    const all = this.#streams.groupsOf(stream);
    for (let more = groups.names.seekFirst(all); more; more = groups.names.next()) yield groups.names.value;
  }

  /** Ids that are pending or were sent, and whose entries were deleted since; in order. */
  #gone(stream: Ref): Id[] {
    const streams = this.#streams;
    const { groups, producers } = streams;
    const found: Id[] = [];
    const note = (id: Id): void => {
      if (!streams.has(stream, id)) found.push(id.slice());
    };
    for (const group of this.#groups(stream)) {
      for (let more = groups.firstConsumer(group); more; more = groups.consumers.next()) {
        for (let has = groups.owned.seekFirst(groups.consumers.value); has; has = groups.owned.next()) {
          groups.owned.readId(this.#id);
          note(this.#id);
        }
      }
      for (const id of groups.released(group)) note(id);
    }
    const record = streams.producersOf(stream);
    if (record !== 0) {
      producers.forEach(
        record,
        () => {},
        (_, sent) => {
          producers.readId(sent, this.#id);
          note(this.#id);
        },
      );
    }
    found.sort(compareIds);
    return found.filter((id, i) => i === 0 || compareIds(id, found[i - 1]!) !== 0);
  }

  /** Its last id, how many entries it ever had, and the highest id that was deleted. */
  #counts(stream: Ref, key: Uint8Array): void {
    const streams = this.#streams;
    const commands = this.#commands;
    streams.readLastId(stream, this.#last);
    streams.readMaxDeletedId(stream, this.#id);
    commands.begin(7, 'XSETID').bulk(key, 0, key.length).id(this.#last);
    commands.text('ENTRIESADDED').text(streams.entriesAdded(stream).toString());
    commands.text('MAXDELETEDID').id(this.#id);
  }

  #standIn(key: Uint8Array, id: Id): void {
    this.#commands.begin(5, 'XADD').bulk(key, 0, key.length).id(id).text('x').text('y');
  }

  /** Removes what took the place of entries that are gone: what was trimmed away does not count as deleted. */
  #remove(stream: Ref, key: Uint8Array, gone: readonly Id[]): void {
    const streams = this.#streams;
    const commands = this.#commands;
    if (streams.length(stream) === 0) {
      commands.begin(4, 'XTRIM').bulk(key, 0, key.length).text('MAXLEN').text('0');
      return;
    }
    streams.readFirstId(stream, this.#id);
    const first = gone.findIndex((id) => compareIds(id, this.#id) > 0);
    const deleted = first < 0 ? [] : gone.slice(first);
    if (deleted.length < gone.length)
      commands.begin(4, 'XTRIM').bulk(key, 0, key.length).text('MINID').id(this.#id);
    for (let at = 0; at < deleted.length; at += IDS_A_COMMAND) {
      const some = deleted.slice(at, at + IDS_A_COMMAND);
      commands.begin(2 + some.length, 'XDEL').bulk(key, 0, key.length);
      for (const id of some) commands.id(id);
    }
  }

  /** The entries, among them what stands for those that are gone; of an empty stream one that is gone at once. */
  #entries(stream: Ref, key: Uint8Array, gone: readonly Id[]): void {
    const streams = this.#streams;
    const commands = this.#commands;
    const { cursor } = streams;
    setLowest(this.#id);
    streams.readLastId(stream, this.#last);
    let next = 0;
    if (streams.length(stream) === 0 && gone.length === 0) {
      commands.begin(7, 'XADD').bulk(key, 0, key.length).text('MAXLEN').text('0').text('0-1');
      commands.text('x').text('y');
      return;
    }
    const { reader } = cursor;
    for (let more = cursor.start(stream, this.#id, this.#last, false); more; more = cursor.next()) {
      for (; next < gone.length && compareIds(gone[next]!, reader.id) < 0; next++)
        this.#standIn(key, gone[next]!);
      const { fields } = reader;
      commands
        .begin(3 + 2 * fields, 'XADD')
        .bulk(key, 0, key.length)
        .id(reader.id);
      for (let i = 0; i < fields; i++) {
        reader.readName();
        commands.bulk(reader.bytes, reader.at, reader.length);
        reader.readValue();
        commands.bulk(reader.bytes, reader.at, reader.length);
      }
    }
    for (const id of gone.slice(next)) this.#standIn(key, id);
  }

  /** For how long, and how many ids of producers are known; and which. */
  #producers(stream: Ref, key: Uint8Array): void {
    const { producers } = this.#streams;
    const commands = this.#commands;
    const record = this.#streams.producersOf(stream);
    if (record === 0) return;
    commands.begin(6, 'XCFGSET').bulk(key, 0, key.length);
    commands.text('IDMP-DURATION').number(producers.seconds(record));
    commands.text('IDMP-MAXSIZE').number(producers.idsMax(record));
    let producer: Name;
    producers.forEach(
      record,
      (name) => {
        producer = name;
      },
      (name, sent) => {
        producers.readId(sent, this.#id);
        commands.begin(5, 'XIDMPRECORD').bulk(key, 0, key.length);
        commands.bulk(producer.u8, producer.at, producer.length).bulk(name.u8, name.at, name.length);
        commands.id(this.#id);
      },
    );
  }

  #group(key: Uint8Array, group: Ref): void {
    const { groups } = this.#streams;
    const commands = this.#commands;
    groups.readLastId(group, this.#last);
    this.#beginGroup(7, 'CREATE', key, group);
    commands.id(this.#last).text('ENTRIESREAD').text(groups.entriesRead(group).toString());
    for (let more = groups.firstConsumer(group); more; more = groups.consumers.next())
      this.#consumer(key, group, groups.consumers.value);
    for (const id of groups.released(group)) this.#release(key, group, id, groups.findPending(group, id));
  }

  #consumer(key: Uint8Array, group: Ref, consumer: Ref): void {
    const { groups } = this.#streams;
    let hasClaims = false;
    for (let more = groups.owned.seekFirst(consumer); more; more = groups.owned.next()) {
      groups.owned.readId(this.#id);
      this.#claim(key, group, consumer, groups.owned.value);
      hasClaims = true;
    }
    if (hasClaims) return;
    const { u8, at, length } = groups.consumerName(consumer);
    this.#beginGroup(5, 'CREATECONSUMER', key, group);
    this.#commands.bulk(u8, at, length);
  }

  #beginGroup(words: number, verb: string, key: Uint8Array, group: Ref): void {
    const { u8, at, length } = this.#streams.groups.groupName(group);
    this.#commands.begin(words, 'XGROUP').text(verb).bulk(key, 0, key.length).bulk(u8, at, length);
  }

  /** Makes the entry of the id at hand a pending one. */
  #claim(key: Uint8Array, group: Ref, consumer: Ref, pending: Ref): void {
    const { groups } = this.#streams;
    const commands = this.#commands;
    const { u8, at, length } = groups.groupName(group);
    commands.begin(12, 'XCLAIM').bulk(key, 0, key.length).bulk(u8, at, length);
    const name = groups.consumerName(consumer);
    commands.bulk(name.u8, name.at, name.length).text('0').id(this.#id);
    commands.text('TIME').number(groups.deliveredMs(pending));
    commands.text('RETRYCOUNT').text(groups.deliveries(pending).toString());
    commands.text('JUSTID').text('FORCE');
  }

  /** Makes an entry a pending one that is nobody's, behind those released before it. */
  #release(key: Uint8Array, group: Ref, id: Id, pending: Ref): void {
    const { groups } = this.#streams;
    const commands = this.#commands;
    const { u8, at, length } = groups.groupName(group);
    commands.begin(10, 'XNACK').bulk(key, 0, key.length).bulk(u8, at, length);
    commands.text('SILENT').text('IDS').text('1').id(id);
    commands.text('RETRYCOUNT').text(groups.deliveries(pending).toString()).text('FORCE');
  }
}
