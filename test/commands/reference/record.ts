// Records the table of commands of a reference server, and where it finds the keys of the lines in keys.txt.
//   redis-server --port 7777 --save '' &
//   cd test/commands/reference
//   npx esbuild record.ts --bundle --platform=node --format=esm --outfile=record.mjs
//   node record.mjs 7777; rm record.mjs
import { writeFileSync } from 'node:fs';
import { ReplyError, RespClient } from '../../support/resp.ts';
import { type KeyFact, linesOf, rowsOf, wordsOf } from './rows.ts';

function write(file: string, rows: readonly unknown[]): void {
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

async function keysOf(client: RespClient, line: string): Promise<KeyFact> {
  const reply = await client.call('COMMAND', 'GETKEYSANDFLAGS', ...wordsOf(line));
  if (reply instanceof ReplyError) return [line, reply.text];
  return [line, (reply as [string, string[]][]).map(([key, flags]) => [key, flags.join(' ')])];
}

const client = await RespClient.connect({ port: Number(process.argv[2]) });
await client.call('HELLO', '3');
write('redis-7.0.15.jsonl', rowsOf(await client.call('COMMAND'), await client.call('COMMAND', 'DOCS')));
const facts: KeyFact[] = [];
for (const line of linesOf('keys.txt')) facts.push(await keysOf(client, line));
write('keys-7.0.15.jsonl', facts);
client.close();
