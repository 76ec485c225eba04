// CLIENT LIST, INFO and KILL: looking at connections and closing them.
import { NO_SUCH_CLIENT } from '../resp/errors.ts';
import { agrees, filterOf } from './client_filter.ts';
import { type ClientView, lineOf, ownView, viewsOf } from './client_view.ts';
import type { Context } from './context.ts';
import { ADMIN, command, LOADING, NOSCRIPT, STALE } from './spec.ts';

export const CLIENT_INFO = command({
  name: 'client|info',
  group: 'connection',
  since: '6.2.0',
  summary: 'One line about this connection',
  complexity: 'O(1)',
  arity: 2,
  flags: NOSCRIPT | LOADING | STALE,
  tips: ['nondeterministic_output'],
  help: ['INFO', '    One line about this connection.'],
  run: runClientInfo,
});

function runClientInfo(c: Context): void {
  c.reply.verbatim('txt', `${lineOf(c, ownView(c))}\n`);
}

export const CLIENT_LIST = command({
  name: 'client|list',
  group: 'connection',
  since: '2.4.0',
  summary: 'One line about every connection',
  complexity: 'O(N) in the number of connections',
  arity: -2,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  tips: ['nondeterministic_output'],
  syntax: '[TYPE (NORMAL | MASTER | REPLICA | PUBSUB)]^5.0.0 [id=ID (client-id:integer+)]^6.2.0',
  history: [
    ['2.8.12', 'Field id.'],
    ['5.0.0', 'Filter TYPE.'],
    ['6.0.0', 'Field user.'],
    ['6.2.0', 'Filter ID; fields argv-mem, tot-mem, laddr and redir.'],
    ['7.0.0', 'Fields resp, multi-mem, rbs and rbp.'],
    ['7.0.3', 'Field ssub.'],
    ['7.2.0', 'Fields lib-name and lib-ver.'],
  ],
  help: [
    'LIST [options ...]',
    '    One line about every connection. Options:',
    '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '      only those of this type',
    '    * ID <client-id> [<client-id> ...]',
    '      only those with these ids',
  ],
  run: runClientList,
});

function runClientList(c: Context): void {
  const filter = filterOf(c, true);
  if (filter === null) return;
  const views = viewsOf(c, filter.wanted).filter((view) => {
    return !(filter.skipsSelf && view.isSelf) && agrees(filter, view);
  });
  const shown = filter.ids === null ? views : inOrder(views, filter.ids);
  c.reply.verbatim('txt', shown.map((view) => `${lineOf(c, view)}\n`).join(''));
}

/** Connections in the order in which their ids were given, as often as they were given. */
function inOrder(views: readonly ClientView[], ids: readonly bigint[]): ClientView[] {
  const byId = new Map(views.map((view) => [BigInt(view.row.id), view]));
  return ids.map((id) => byId.get(id)).filter((view) => view !== undefined);
}

export const CLIENT_KILL = command({
  name: 'client|kill',
  group: 'connection',
  since: '2.4.0',
  summary: 'Closes connections by address or by filters',
  complexity: 'O(N) in the number of connections',
  arity: -3,
  flags: ADMIN | NOSCRIPT | LOADING | STALE,
  syntax: `filter=("ip:port"!2.8.12 | new-format=([ID client-id:integer]^2.8.12
      | [normal_master_slave_pubsub=TYPE (NORMAL | MASTER^3.2.0 | SLAVE | REPLICA^5.0.0
      | PUBSUB)]^2.8.12 | [USER username] | [ADDR "ip:port"] | [LADDR "ip:port"]^6.2.0
      | [SKIPME "yes/no"] | [MAXAGE maxage:integer]^7.4.0)+)`,
  history: [
    ['2.8.12', 'Filters as pairs of option and value.'],
    ['2.8.12', 'Option ID.'],
    ['3.2.0', 'Type master.'],
    ['5.0.0', 'Type replica; slave still means the same.'],
    ['6.2.0', 'Option LADDR.'],
    ['7.4.0', 'Option MAXAGE.'],
  ],
  help: [
    'KILL <ip:port>',
    '    Close the connection from this address.',
    'KILL <option> <value> [<option> <value> [...]]',
    '    Close the connections that match every option:',
    '    * ADDR (<ip:port>|<unixsocket>:0)',
    '      made from this address',
    '    * LADDR (<ip:port>|<unixsocket>:0)',
    '      made to this address of the server',
    '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '      of this type',
    '    * USER <username>',
    '      logged in as this user',
    '    * ID <client-id>',
    '      with this id',
    '    * MAXAGE <seconds>',
    '      at least this old',
    '    * SKIPME (YES|NO)',
    '      leaving out this connection (default: yes)',
  ],
  run: runClientKill,
});

function runClientKill(c: Context): void {
  if (c.args.count === 3) killAddress(c);
  else killFiltered(c);
}

/** The old form, which may close the connection that asks. */
function killAddress(c: Context): void {
  const address = c.args.text(2);
  const views = viewsOf(c, { addr: address }).filter(({ row }) => row.addr === address);
  if (views.length === 0) {
    c.reply.error(NO_SUCH_CLIENT);
    return;
  }
  c.reply.ok();
  for (const view of views) close(c, view);
}

function killFiltered(c: Context): void {
  const filter = filterOf(c, false);
  if (filter === null) return;
  const skipsSelf = filter.skipsSelf ?? true;
  const views = viewsOf(c, filter.wanted).filter((view) => {
    return !(skipsSelf && view.isSelf) && agrees(filter, view);
  });
  c.reply.integer(views.length);
  for (const view of views) close(c, view);
}

function close(c: Context, view: ClientView): void {
  if (view.isSelf) c.server.closeAfterReply();
  else c.server.closeConnection(view.row);
}
