// Records what COMMAND, COMMAND INFO and COMMAND DOCS of a reference server say about every command and subcommand, one
// JSON row a line, without its prose (summaries, complexities, notes, texts of the history are not ours to keep).
//   redis-server --port 7777 --save '' &   node test/commands/reference/record.mjs 7777 > test/commands/reference/redis-7.0.15.json
import { once } from 'node:events';
import { connect } from 'node:net';

/** Decodes one RESP3 value; maps become objects, sets and arrays arrays. Returns [value, next position]. */
function decode(bytes, at) {
  const end = bytes.indexOf('\r\n', at);
  if (end < 0) throw new RangeError('incomplete');
  const head = bytes.toString('latin1', at + 1, end);
  const next = end + 2;
  switch (String.fromCharCode(bytes[at])) {
    case '+':
      return [head, next];
    case ':':
      return [Number(head), next];
    case '_':
      return [null, next];
    case '$':
      if (bytes.length < next + Number(head) + 2) throw new RangeError('incomplete');
      return [bytes.toString('utf8', next, next + Number(head)), next + Number(head) + 2];
    case '*':
    case '~':
      return decodeMany(bytes, next, Number(head));
    case '%': {
      const [flat, after] = decodeMany(bytes, next, 2 * Number(head));
      return [Object.fromEntries(flat.flatMap((key, i) => (i % 2 ? [] : [[key, flat[i + 1]]]))), after];
    }
    default:
      throw new Error(`unexpected reply: ${bytes.toString('latin1', at, end)}`);
  }
}

function decodeMany(bytes, at, count) {
  const values = [];
  for (let i = 0; i < count; i++) {
    const [value, next] = decode(bytes, at);
    values.push(value);
    at = next;
  }
  return [values, at];
}

async function ask(socket, line) {
  socket.write(`${line}\r\n`);
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [chunk] = await once(socket, 'data');
    bytes = Buffer.concat([bytes, chunk]);
    try {
      return decode(bytes, 0)[0];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

const keySpec = ({ flags, begin_search: begin, find_keys: find }) => ({
  flags: flags.join(' '),
  begin: { type: begin.type, ...begin.spec },
  find: { type: find.type, ...find.spec },
});

const argument = ({
  name,
  type,
  token,
  key_spec_index,
  since,
  deprecated_since,
  flags,
  arguments: parts,
}) => ({
  name,
  type,
  token,
  key_spec_index,
  since,
  deprecated_since,
  flags: flags?.join(' '),
  arguments: parts?.map(argument),
});

function rows(info, docs) {
  const [name, arity, flags, first, last, step, categories, tips, keys, subcommands] = info;
  const row = {
    name,
    arity,
    flags: flags.join(' '),
    keyRange: [first, last, step],
    categories: categories.join(' '),
    tips,
    keys: keys.map(keySpec),
    group: docs.group,
    since: docs.since,
    docFlags: docs.doc_flags?.join(' '),
    deprecatedSince: docs.deprecated_since,
    history: docs.history?.map(([version]) => version),
    arguments: (docs.arguments ?? []).map(argument),
    subcommands: subcommands.length > 0 ? subcommands.map(([sub]) => sub).sort() : undefined,
  };
  return [row, ...subcommands.flatMap((sub) => rows(sub, docs.subcommands[sub[0]]))];
}

const socket = connect(Number(process.argv[2]), '127.0.0.1');
await ask(socket, 'HELLO 3');
const table = await ask(socket, 'COMMAND');
const docs = await ask(socket, 'COMMAND DOCS');
socket.end();
const all = table.flatMap((info) => rows(info, docs[info[0]]));
all.sort((a, b) => (a.name < b.name ? -1 : 1));
process.stdout.write(`[\n${all.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
