// INFO as data: sections of fields, each field a name and a value.
import type { ServerCore } from '../server.ts';

export type Field = readonly [name: string, value: string | number];

export interface Section {
  /** As INFO's argument names it, in lower case. */
  readonly name: string;
  readonly title: string;
  /** Whether INFO without arguments shows it. */
  readonly byDefault: boolean;
  fields(server: ServerCore): Field[];
}

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'];

/** A size as INFO prints it for people: 919.24K; plain bytes below a kibibyte. */
export function human(bytes: number): string {
  let power = 0;
  for (let rest = bytes; rest >= 1024 && power < UNITS.length - 1; rest /= 1024) power++;
  return power === 0 ? `${bytes}B` : `${(bytes / 1024 ** power).toFixed(2)}${UNITS[power]}`;
}

/** A field in bytes and its twin for people. */
export function sized(name: string, bytes: number): Field[] {
  return [
    [name, Math.round(bytes)],
    [`${name}_human`, human(Math.round(bytes))],
  ];
}
