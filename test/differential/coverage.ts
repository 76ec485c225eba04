// Counts, per command of the grammar, how often it was answered and how often with an error.
import type { Family } from './grammar/index.ts';
import type { CommandGrammar } from './pieces.ts';

interface Count {
  succeeded: number;
  failed: number;
}

export class Coverage {
  readonly #commands: readonly CommandGrammar[];
  readonly #counts: Map<string, Count>;

  constructor(families: readonly Family[]) {
    this.#commands = families.flatMap((family) => family.commands);
    this.#counts = new Map(this.#commands.map(({ name }) => [name, { succeeded: 0, failed: 0 }]));
  }

  count(name: string, failed: boolean): void {
    const count = this.#counts.get(name);
    if (!count) return;
    if (failed) count.failed++;
    else count.succeeded++;
  }

  get names(): string[] {
    return [...this.#counts.keys()];
  }

  /** Commands that were never answered, or never without an error although they can be. */
  gaps(): string[] {
    const fails = new Set(this.#commands.filter(({ alwaysFails }) => alwaysFails).map(({ name }) => name));
    const isGap = ([name, count]: [string, Count]): boolean =>
      fails.has(name) ? count.failed === 0 : count.succeeded === 0;
    return [...this.#counts].filter(isGap).map(([name]) => name);
  }

  /** One line a command. */
  table(): string {
    const rows = [...this.#counts].map(
      ([name, { succeeded, failed }]) =>
        `${name.padEnd(22)} ${String(succeeded).padStart(7)} ok ${String(failed).padStart(7)} errors`,
    );
    return rows.join('\n');
  }
}
