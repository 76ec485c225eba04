// A stream as the commands that make it: its entries, its ids and counts, what producers sent, its groups with consumers and
// what is pending. That an entry is pending, or was sent, which was deleted since no command can say, so that is left out,
// as Redis does.
import type { Ref } from '../arena/arena.ts';
import { type Id, makeId, setLowest } from '../structs/stream_id.ts';
import type { Streams } from '../types/stream.ts';
import type { Name } from '../types/stream_words.ts';
import type { CommandOutput } from './command_output.ts';

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
    const streams = this.#streams;
    const commands = this.#commands;
    const stream = streams.of(ref);
    this.#entries(stream, key);
    streams.readLastId(stream, this.#last);
    streams.readMaxDeletedId(stream, this.#id);
    commands.begin(7, 'XSETID').bulk(key, 0, key.length).id(this.#last);
    commands.text('ENTRIESADDED').text(streams.entriesAdded(stream).toString());
    commands.text('MAXDELETEDID').id(this.#id);
    this.#producers(stream, key);
    const { groups } = streams;
    const all = streams.groupsOf(stream);
    for (let more = groups.names.seekFirst(all); more; more = groups.names.next())
      this.#group(stream, key, groups.names.value);
  }

  /** The entries; of an empty stream one that is gone at once. */
  #entries(stream: Ref, key: Uint8Array): void {
    const streams = this.#streams;
    const commands = this.#commands;
    const { cursor } = streams;
    setLowest(this.#id);
    streams.readLastId(stream, this.#last);
    if (streams.length(stream) === 0) {
      commands.begin(7, 'XADD').bulk(key, 0, key.length).text('MAXLEN').text('0').text('0-1');
      commands.text('x').text('y');
      return;
    }
    const { reader } = cursor;
    for (let more = cursor.start(stream, this.#id, this.#last, false); more; more = cursor.next()) {
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
        if (!this.#streams.has(stream, this.#id)) return;
        commands.begin(5, 'XIDMPRECORD').bulk(key, 0, key.length);
        commands.bulk(producer.u8, producer.at, producer.length).bulk(name.u8, name.at, name.length);
        commands.id(this.#id);
      },
    );
  }

  #group(stream: Ref, key: Uint8Array, group: Ref): void {
    const { groups } = this.#streams;
    const commands = this.#commands;
    groups.readLastId(group, this.#last);
    this.#beginGroup(7, 'CREATE', key, group);
    commands.id(this.#last).text('ENTRIESREAD').text(groups.entriesRead(group).toString());
    for (let more = groups.firstConsumer(group); more; more = groups.consumers.next())
      this.#consumer(stream, key, group, groups.consumers.value);
    for (const id of groups.released(group))
      if (this.#streams.has(stream, id)) this.#release(key, group, id, groups.findPending(group, id));
  }

  #consumer(stream: Ref, key: Uint8Array, group: Ref, consumer: Ref): void {
    const { groups } = this.#streams;
    let claims = 0;
    for (let more = groups.owned.seekFirst(consumer); more; more = groups.owned.next()) {
      groups.owned.readId(this.#id);
      if (!this.#streams.has(stream, this.#id)) continue;
      this.#claim(key, group, consumer, groups.owned.value);
      claims++;
    }
    if (claims > 0) return;
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
