// Connections as CLIENT LIST shows them: what the native side knows of each, joined with its Client object, if there is one.
import type { ClientRow, ClientsWanted } from '../bridge/binding.ts';
import { DEFAULT_USER } from '../session/auth.ts';
import type { Client } from '../session/client.ts';
import { DB_SHIFT, RESP3 } from '../session/state.ts';
import type { Tracking } from '../session/tracking.ts';
import type { Context } from './context.ts';

/** Bytes of the native record of a connection. */
export const RECORD_BYTES = 128;

export interface ClientView {
  readonly row: ClientRow;
  readonly client: Client | undefined;
  readonly isSelf: boolean;
  readonly db: number;
  readonly resp: number;
  readonly user: string;
  readonly name: string;
  readonly libName: string;
  readonly libVersion: string;
  /** Letters as in the field `flags`; 'N' if there is nothing to say. */
  readonly flags: string;
}

/** The connections that are alive and agree with all of `wanted`, oldest first. */
export function viewsOf(c: Context, wanted: ClientsWanted): ClientView[] {
  const { clients } = c.server;
  const rows = clients.rows(wanted).filter((row) => !row.closed && !clients.find(row)?.gone);
  const selfId = c.server.currentRow().id;
  return rows.sort((a, b) => a.id - b.id).map((row) => viewOf(c, row, selfId));
}

export function ownView(c: Context): ClientView {
  const row = c.server.currentRow();
  return viewOf(c, row, row.id);
}

function viewOf(c: Context, row: ClientRow, selfId: number): ClientView {
  const { clients } = c.server;
  const client = clients.find(row);
  const state = row.known ? clients.lanes[row.lane]!.state(row.slot) : 0;
  return {
    row,
    client,
    isSelf: row.id === selfId,
    db: state >>> DB_SHIFT,
    resp: (state & RESP3) !== 0 ? 3 : 2,
    user: client?.user.name ?? DEFAULT_USER,
    name: client?.name ?? '',
    libName: client?.libName ?? '',
    libVersion: client?.libVersion ?? '',
    flags: flagsOf(row, client),
  };
}

function flagsOf(row: ClientRow, client: Client | undefined): string {
  let flags = '';
  if (client !== undefined) {
    if (client.monitor) flags += 'O';
    if (client.subscriptions !== null) flags += 'P';
    if (client.queue !== null) flags += 'x';
    if (client.held !== null) flags += 'b';
    if (client.tracking !== null) flags += trackingFlags(client.tracking);
    if (client.watchFailed) flags += 'd';
    if (client.closing) flags += 'c';
  }
  if (row.unix) flags += 'U';
  if (client?.noEvict) flags += 'e';
  if (client?.noTouch) flags += 'T';
  if (client?.importSource) flags += 'I';
  return flags === '' ? 'N' : flags;
}

/** Letters as in the field `capa`. */
export function capabilitiesOf(client: Client | undefined): string {
  return client?.followsRedirects ? 'r' : '';
}

function trackingFlags({ broken, bcast }: Tracking): string {
  return `t${broken ? 'R' : ''}${bcast ? 'B' : ''}`;
}

/** Bytes that a connection takes, its request in progress aside. */
export function memoryOf(row: ClientRow, client: Client | undefined): number {
  return RECORD_BYTES + (client?.memoryBytes ?? 0) + row.queryBytes + row.queryFreeBytes + row.outBytes;
}

/** The same line for any connection, whether it is alive or was just closed. */
export function lineOfRow(c: Context, row: ClientRow): string {
  return lineOf(c, viewOf(c, row, 0));
}

/** The line of CLIENT LIST, without its line end. */
export function lineOf(c: Context, view: ClientView): string {
  const { row, client } = view;
  const argumentBytes = argumentBytesOf(c, view);
  const multiBytes = client?.queuedBytes ?? 0;
  // The command in progress stays in the request ring while it runs.
  const ownBytes = view.isSelf ? c.args.encodedBytes : 0;
  const requestBytes = row.queryBytes + (client?.heldBytes ?? 0) + ownBytes;
  const totalBytes = memoryOf(row, client) + argumentBytes + ownBytes;
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', row.id],
    ['addr', row.addr],
    ['laddr', row.laddr],
    ['fd', row.fd],
    ['name', view.name],
    ['age', row.ageSec],
    ['idle', row.idleSec],
    ['flags', view.flags],
    ['db', view.db],
    ['sub', client?.subscriptions?.channels.size ?? 0],
    ['psub', client?.subscriptions?.patterns.size ?? 0],
    ['ssub', client?.subscriptions?.shardChannels.size ?? 0],
    ['multi', client?.queue?.length ?? -1],
    ['qbuf', requestBytes],
    ['qbuf-free', row.queryFreeBytes],
    ['argv-mem', argumentBytes],
    ['multi-mem', multiBytes],
    // Replies have no buffer of their own connection: what a socket does not take at once is in oll and omem.
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', row.outBlocks],
    ['omem', row.outBytes],
    ['tot-mem', totalBytes],
    ['events', `${client?.unread ? '' : 'r'}${row.outBytes > 0 ? 'w' : ''}`],
    ['cmd', commandOf(c, view)],
    ['user', view.user],
    ['redir', client?.tracking?.redirectId ?? -1],
    ['resp', view.resp],
    ['lib-name', view.libName],
    ['lib-ver', view.libVersion],
    ['capa', capabilitiesOf(client)],
    // Behind all that Redis 7.0 knows, which has nothing between multi and qbuf.
    ['watch', client?.watched.length ?? 0],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Bytes of the arguments of the command that a connection is running or waiting to run. */
function argumentBytesOf(c: Context, { client, isSelf }: ClientView): number {
  if (isSelf) return c.args.totalBytes;
  return client?.wait?.argumentBytes ?? client?.held?.[0]?.bytes.length ?? 0;
}

/** Name of the last command of a connection, 'config|get' for a subcommand. */
function commandOf(c: Context, { client, isSelf, row }: ClientView): string {
  const { specs } = c.table;
  if (isSelf && !c.inTransaction) return specs[c.commandId]!.name;
  const id = client?.wait?.commandId ?? client?.held?.[0]?.id ?? row.lastCommand;
  if (id < 0) return 'NULL';
  const { name } = specs[id]!;
  const subcommand = specs[c.server.clients.lanes[row.lane]!.subcommand(row.slot)]!.name;
  return subcommand.startsWith(`${name}|`) ? subcommand : name;
}
