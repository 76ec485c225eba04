// All families of the grammar. A later type adds its table here.
import type { CommandGrammar } from '../pieces.ts';
import { bitmaps } from './bitmaps.ts';
import { blocking } from './blocking.ts';
import { connection } from './connection.ts';
import { expiry } from './expiry.ts';
import { generic } from './generic.ts';
import { geo } from './geo.ts';
import { hashes } from './hashes.ts';
import { hyperLogLogs } from './hyperloglogs.ts';
import { lists } from './lists.ts';
import { server } from './server.ts';
import { sets } from './sets.ts';
import { sortedSets } from './sorted_sets.ts';
import { sorting } from './sorting.ts';
import { streams } from './streams.ts';
import { strings } from './strings.ts';
import { transactions } from './transactions.ts';

export interface Family {
  readonly name: string;
  readonly commands: readonly CommandGrammar[];
  /** How often the generator turns to this family, relative to the others. */
  readonly weight: number;
  /** Its commands may wait, so that they run on connections of their own. */
  readonly waits?: boolean;
}

export const FAMILIES: readonly Family[] = [
  { name: 'strings', commands: strings, weight: 8 },
  { name: 'bitmaps', commands: bitmaps, weight: 5 },
  { name: 'lists', commands: lists, weight: 6 },
  { name: 'sets', commands: sets, weight: 6 },
  { name: 'hashes', commands: hashes, weight: 6 },
  { name: 'sortedsets', commands: sortedSets, weight: 8 },
  { name: 'streams', commands: streams, weight: 8 },
  { name: 'hyperloglogs', commands: hyperLogLogs, weight: 3 },
  { name: 'geo', commands: geo, weight: 3 },
  { name: 'sorting', commands: sorting, weight: 2 },
  { name: 'blocking', commands: blocking, weight: 4, waits: true },
  { name: 'generic', commands: generic, weight: 6 },
  { name: 'expiry', commands: expiry, weight: 5 },
  { name: 'transactions', commands: transactions, weight: 3 },
  { name: 'connection', commands: connection, weight: 3 },
  { name: 'server', commands: server, weight: 3 },
];
