// Records what COMMAND, COMMAND INFO and COMMAND DOCS of a reference server say about every command and subcommand, one
// JSON row a line, without its prose (summaries, complexities, notes, texts of the history are not ours to keep).
//   redis-server --port 7777 --save '' &   node test/commands/reference/record.mjs 7777 > test/commands/reference/redis-7.0.15.jsonl
import { ask, open } from './client.mjs';

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

const socket = await open(Number(process.argv[2]));
const table = await ask(socket, 'COMMAND');
const docs = await ask(socket, 'COMMAND DOCS');
socket.end();
const all = table.flatMap((info) => rows(info, docs[info[0]]));
all.sort((a, b) => (a.name < b.name ? -1 : 1));
process.stdout.write(all.map((row) => `${JSON.stringify(row)}\n`).join(''));
