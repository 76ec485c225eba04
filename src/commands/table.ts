// The commands of one server by id. Ids are dense: first the commands, in the order of the list, so that the native side
// numbers names alike; then the subcommands of all containers, each with an id of its own for statistics.
import { categoryBit } from './categories.ts';
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
  readonly #ids = new Map<string, number>();
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
    this.specs.forEach((spec, id) => {
      this.#ids.set(spec.name, id);
    });
    this.#subcommands = commands.map(indexOfSubcommands);
    this.#firstSubcommand = Int32Array.from(
      commands,
      (spec) => this.#ids.get(spec.subcommands[0]?.name ?? '') ?? -1,
    );
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

  /** Id by the name in the spec ('get', 'config|get'), which renaming does not change; -1 if there is none. */
  idOf(name: string): number {
    return this.#ids.get(name.toLowerCase()) ?? -1;
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

  /** Ids of the commands that can be called, without subcommands. */
  callable(): number[] {
    return this.#names.flatMap((name, id) => (name === '' ? [] : [id]));
  }

  /** Ids of the commands and subcommands in an ACL category, by its name without `@`; null if there is none such. */
  inCategory(category: string): number[] | null {
    const bit = categoryBit(category);
    if (bit === 0) return null;
    return this.specs.flatMap((spec, id) => ((spec.categories & bit) === 0 ? [] : [id]));
  }
}

function indexOfSubcommands(container: CommandSpec): NameIndex | null {
  const prefix = `${container.name}|`;
  const stray = container.subcommands.find((sub) => !sub.name.startsWith(prefix));
  if (stray !== undefined) throw new Error(`${stray.name} is no subcommand of ${container.name}`);
  if (container.subcommands.length === 0) return null;
  return new NameIndex(container.subcommands.map((sub) => sub.name.slice(prefix.length)));
}
