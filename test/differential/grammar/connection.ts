// Connections: greeting, database, CLIENT.
import { all, database, define, from, integer, key, many, one, opt, value } from '../pieces.ts';

const name = one(from('me', 'a-b', '', 'with space', 'new\nline', '\xe9', 'q"uote'), value);
const yesNo = from('on', 'OFF', 'yes');

export const connection = [
  define('AUTH', [opt(from('default', 'nobody')), value]),
  define('CLIENT GETNAME', []),
  define('CLIENT GETREDIR', []),
  define('CLIENT ID', [], { check: 'shape' }),
  define('CLIENT INFO', [], { check: 'type' }),
  define(
    'CLIENT KILL',
    [one(from('1.2.3.4:5', 'x'), all('ID', from(987_654_321, 0, 'x')), all('ADDR', from('1.2.3.4:5')))],
    { verbatim: true },
  ),
  define(
    'CLIENT KILL',
    [one(all('TYPE', from('nosuch', 'master')), all('USER', from('nobody')), all('SKIPME', from('maybe')))],
    { verbatim: true },
  ),
  define(
    'CLIENT LIST',
    [one(all('TYPE', from('normal', 'pubsub', 'nosuch')), all('ID', integer), opt('x', 0.3))],
    { check: 'type', verbatim: true },
  ),
  define('CLIENT NO-EVICT', [yesNo]),
  define('CLIENT PAUSE', [from(0, 1, -1, 'x', '1.5'), opt(from('WRITE', 'ALL', 'READ'))], {
    weight: 1,
    verbatim: true,
  }),
  define('CLIENT SETNAME', [name]),
  define('CLIENT TRACKINGINFO', []),
  define('CLIENT UNBLOCK', [from(987_654_321, 'x', -1), opt(from('TIMEOUT', 'ERROR', 'x'))]),
  define('CLIENT UNPAUSE', [], { weight: 2 }),
  define('CLIENT', [from('NOSUCH', '', 'getname2'), opt(value, 0.2)], { alwaysFails: true, weight: 2 }),
  define('ECHO', [value]),
  define(
    'HELLO',
    [
      opt(
        all(from(2, 3, 3, 1, 4, 'x', ''), many(one(all('SETNAME', name), all('AUTH', value, value)), 0, 1)),
      ),
    ],
    {
      check: 'hello',
      weight: 3,
    },
  ),
  define('PING', [opt(value)]),
  define('RESET', [], { weight: 1 }),
  define('SELECT', [database], { weight: 6 }),
  define('NOSUCHCOMMAND', [many(one(value, key()), 0, 4)], { alwaysFails: true, weight: 2 }),
];
