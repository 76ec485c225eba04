// What DEBUG's subcommands are made of.
import type { Context } from './context.ts';

export interface Tool {
  /** Lower case. */
  readonly name: string;
  /** Fewest and most words after the name. */
  readonly words: readonly [min: number, max: number];
  /** Lines of DEBUG HELP: the usage, then text indented by four blanks. */
  readonly help: readonly string[];
  readonly run: (c: Context) => void;
}

/** Argument `i` as the leading integer of its text, 0 if there is none: how the reference reads its switches. */
export function looseInt(c: Context, i: number): number {
  return Number.parseInt(c.args.text(i), 10) || 0;
}
