// Records where a reference server finds the keys of the commands in keys.txt: [line, [[key, flags]…] or error text].
//   node test/commands/reference/record_keys.mjs 7777 > test/commands/reference/keys-7.0.15.jsonl
import { readFileSync } from 'node:fs';
import { ask, open } from './client.mjs';

const socket = await open(Number(process.argv[2]));
const lines = readFileSync(new URL('keys.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const facts = [];
for (const line of lines) {
  const reply = await ask(socket, `COMMAND GETKEYSANDFLAGS ${line}`);
  facts.push([line, reply.error ?? reply.map(([key, flags]) => [key, flags.join(' ')])]);
}
socket.end();
process.stdout.write(facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''));
