// All families of the grammar. A later type adds its table here.
import type { CommandGrammar } from '../pieces.ts';
import { bitmaps } from './bitmaps.ts';
import { connection } from './connection.ts';
import { expiry } from './expiry.ts';
import { generic } from './generic.ts';
import { server } from './server.ts';
import { strings } from './strings.ts';
import { transactions } from './transactions.ts';

export interface Family {
  readonly name: string;
  readonly commands: readonly CommandGrammar[];
  /** How often the generator turns to this family, relative to the others. */
  readonly weight: number;
}

export const FAMILIES: readonly Family[] = [
  { name: 'strings', commands: strings, weight: 8 },
  { name: 'bitmaps', commands: bitmaps, weight: 5 },
  { name: 'generic', commands: generic, weight: 6 },
  { name: 'expiry', commands: expiry, weight: 5 },
  { name: 'transactions', commands: transactions, weight: 3 },
  { name: 'connection', commands: connection, weight: 3 },
  { name: 'server', commands: server, weight: 3 },
];
