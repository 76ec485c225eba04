// The commands of one server by id. Ids are dense: first the commands, in the order of the list, so that the
// native side numbers names alike; then the subcommands of all containers, each with an id of its own for
// statistics.
import { NameIndex } from './name_index.ts';
import type { CommandSpec, Handler } from './spec.ts';
import { CONTAINER } from './spec.ts';

export class CommandTable {
  /** Everything about an id. */
  readonly specs: readonly CommandSpec[];
  /** What running a command needs, by id, apart from the rest. */
  readonly handlers: readonly Handler[];
  readonly flags: Int32Array;
  readonly arities: Int32Array;
  /** Number of commands that are no subcommands; their ids are below it. */
  readonly commandCount: number;

  readonly #names: string[];
  /** By id of a container: index of its subcommands by the word after the bar, and the id of the first. */
  readonly #subcommands: (NameIndex | null)[];
  readonly #firstSubcommand: Int32Array;
  #index: NameIndex;

  /** Throws if a name is there twice or a subcommand is not named after its container. */
  constructor(commands: readonly CommandSpec[]) {
    this.commandCount = commands.length;
    this.specs = [...commands, ...commands.flatMap((spec) => spec.subcommands)];
    this.handlers = this.specs.map((spec) => spec.run);
    this.flags = Int32Array.from(this.specs, (spec) => spec.flags);
    this.arities = Int32Array.from(this.specs, (spec) => spec.arity);
    this.#names = commands.map((spec) => spec.name);
    this.#index = new NameIndex(this.#names);
    this.#subcommands = commands.map(indexOfSubcommands);
    this.#firstSubcommand = new Int32Array(commands.length);
    let id = commands.length;
    commands.forEach((spec, container) => {
      this.#firstSubcommand[container] = id;
      id += spec.subcommands.length;
    });
  }

  /** Id of the command called so now; -1 if there is none. Subcommands are not found here. */
  find(bytes: Uint8Array, at: number, length: number): number {
    return this.#index.find(bytes, at, length);
  }

  isContainer(id: number): boolean {
    return (this.flags[id]! & CONTAINER) !== 0;
  }

  /** Id of a subcommand of container `id`; -1 if it has none of that name. */
  findSubcommand(id: number, bytes: Uint8Array, at: number, length: number): number {
    const found = this.#subcommands[id]!.find(bytes, at, length);
    return found < 0 ? -1 : this.#firstSubcommand[id]! + found;
  }

  /** Ids of the subcommands of container `id`. */
  subcommandIds(id: number): number[] {
    return this.specs[id]!.subcommands.map((_, i) => this.#firstSubcommand[id]! + i);
  }

  /** Id of what is called 'get' or 'config|get' now, in any case; -1 if there is none. */
  lookup(fullName: string): number {
    const [name = '', subcommand, ...more] = fullName.split('|').map((word) => Buffer.from(word, 'latin1'));
    const id = this.find(name as Uint8Array, 0, name.length);
    if (subcommand === undefined || id < 0) return id;
    if (more.length > 0 || !this.isContainer(id)) return -1;
    return this.findSubcommand(id, subcommand, 0, subcommand.length);
  }

  /** Gives a command another name; '' takes it away. Throws with a text for the configuration error. */
  rename(from: string, to: string): void {
    const id = this.#names.indexOf(from.toLowerCase());
    const target = to.toLowerCase();
    if (id < 0 || from === '') throw new RangeError('No such command in rename-command');
    this.#names[id] = '';
    if (target !== '' && this.#names.includes(target))
      throw new RangeError('Target command name already exists');
    this.#names[id] = target;
    this.#index = new NameIndex(this.#names);
  }

  /** Names in use, by id, for the native side; '' stands for a command that was taken away. */
  names(): readonly string[] {
    return this.#names;
  }

  /** Position of the first key of each command, by id; 0: none at a fixed place. */
  firstKeys(): Int32Array {
    return Int32Array.from({ length: this.commandCount }, (_, id) => this.specs[id]!.range.first);
  }

  /** Position of an element's name in each command, by id, as far as reading ahead may count on it; else 0. */
  members(): Int32Array {
    return Int32Array.from({ length: this.commandCount }, (_, id) => this.specs[id]!.member);
  }

  /** The commands that can be called, without subcommands. */
  commands(): CommandSpec[] {
    return this.specs.filter((_, id) => id < this.commandCount && this.#names[id] !== '');
  }

  /** The commands that can be called, each followed by its subcommands. */
  everything(): CommandSpec[] {
    return this.commands().flatMap((spec) => [spec, ...spec.subcommands]);
  }
}

function indexOfSubcommands(container: CommandSpec): NameIndex | null {
  const prefix = `${container.name}|`;
  const stray = container.subcommands.find((sub) => !sub.name.startsWith(prefix));
  if (stray !== undefined) throw new Error(`${stray.name} is no subcommand of ${container.name}`);
  if (container.subcommands.length === 0) return null;
  return new NameIndex(container.subcommands.map((sub) => sub.name.slice(prefix.length)));
}
