// Counts, per command of the grammar, how often it was answered and how often with an error.
import { FAMILIES } from './grammar/index.ts';

interface Count {
  succeeded: number;
  failed: number;
}

const COMMANDS = FAMILIES.flatMap((family) => family.commands);

export class Coverage {
  readonly #counts = new Map<string, Count>(COMMANDS.map(({ name }) => [name, { succeeded: 0, failed: 0 }]));

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
    const fails = new Set(COMMANDS.filter(({ alwaysFails }) => alwaysFails).map(({ name }) => name));
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
