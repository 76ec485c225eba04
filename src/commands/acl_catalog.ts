// The commands that rules of access control may name: those of the server under the names they were born with, and those of
// Redis that this server does not have. Rules written for Redis thus stay valid, and mean the same once such a command
// appears. An id below the size of the table is that of the table.
import { AT_ADMIN, AT_DANGEROUS, AT_SCRIPTING, AT_SLOW, AT_WRITE } from './categories.ts';
import type { CommandTable } from './table.ts';

const ADMINISTRATION = AT_SLOW | AT_ADMIN | AT_DANGEROUS;
const SCRIPTS = AT_SLOW | AT_SCRIPTING;

/** Names of commands that are not there, by their categories; a container before its subcommands. */
const ABSENT: readonly (readonly [categories: number, names: string])[] = [
  [AT_SLOW, 'cluster function script'],
  [ADMINISTRATION, 'failover psync replconf sync'],
  [SCRIPTS, 'eval eval_ro evalsha evalsha_ro fcall fcall_ro'],
  [SCRIPTS, 'function|dump function|help function|kill function|list function|stats'],
  [SCRIPTS | AT_WRITE, 'function|delete function|flush function|load function|restore'],
  [SCRIPTS, 'script|debug script|exists script|flush script|help script|kill script|load'],
  [AT_SLOW, 'cluster|countkeysinslot cluster|getkeysinslot cluster|help cluster|info cluster|keyslot'],
  [AT_SLOW, 'cluster|links cluster|myid cluster|nodes cluster|shards cluster|slots'],
  [ADMINISTRATION, 'cluster|addslots cluster|addslotsrange cluster|bumpepoch cluster|count-failure-reports'],
  [ADMINISTRATION, 'cluster|delslots cluster|delslotsrange cluster|failover cluster|flushslots'],
  [ADMINISTRATION, 'cluster|forget cluster|meet cluster|replicas cluster|replicate cluster|reset'],
  [ADMINISTRATION, 'cluster|saveconfig cluster|set-config-epoch cluster|setslot cluster|slaves'],
];

export class CommandCatalog {
  /** Full names by id. */
  readonly names: readonly string[];
  readonly categories: readonly number[];
  /** Ids that are no subcommands, in the order of description. */
  readonly commands: readonly number[];
  readonly #ids: ReadonlyMap<string, number>;
  /** Ids of the subcommands of each container. */
  readonly #parts = new Map<number, number[]>();

  constructor({ specs }: CommandTable) {
    const own = specs.map(({ name, categories }) => [name, categories] as const);
    const known = new Set(own.map(([name]) => name));
    const absent = ABSENT.flatMap(([categories, names]) =>
      names.split(' ').map((name) => [name, categories] as const),
    );
    const all = [...own, ...absent.filter(([name]) => !known.has(name))];
    this.names = all.map(([name]) => name);
    this.categories = all.map(([, categories]) => categories);
    this.#ids = new Map(this.names.map((name, id) => [name, id]));
    this.commands = [...this.names.keys()].filter((id) => !this.names[id]!.includes('|'));
    this.names.forEach((name, id) => {
      if (name.includes('|')) this.#addPart(this.#ids.get(name.slice(0, name.indexOf('|')))!, id);
    });
  }

  get size(): number {
    return this.names.length;
  }

  /** Id of a command or subcommand by its full name in lower case. */
  find(name: string): number | undefined {
    return this.#ids.get(name);
  }

  /** Ids of the subcommands of a command; undefined if it is no container. */
  partsOf(id: number): readonly number[] | undefined {
    return this.#parts.get(id);
  }

  isPart(id: number): boolean {
    return this.names[id]!.includes('|');
  }

  #addPart(container: number, id: number): void {
    const parts = this.#parts.get(container);
    if (parts === undefined) this.#parts.set(container, [id]);
    else parts.push(id);
  }
}
