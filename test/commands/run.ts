// Runs the handler of a command on a table alone, without a server or data.
import { Args } from '../../src/commands/args.ts';
import type { Context } from '../../src/commands/context.ts';
import type { CommandTable } from '../../src/commands/table.ts';
import { Reply } from '../../src/resp/reply.ts';

const OUT_BYTES = 4 * 1024 * 1024;

/** Arguments that lie one after another in a buffer of their own. */
export function argsOf(words: readonly string[]): Args {
  const args = new Args();
  args.bytes = Buffer.from(words.join(''), 'latin1');
  args.count = words.length;
  args.pairs = new Int32Array(2 * words.length);
  let at = 0;
  words.forEach((word, i) => {
    args.pairs.set([at, word.length], 2 * i);
    at += word.length;
  });
  return args;
}

/** Bytes of the reply to a command or subcommand of the table. */
export function replyOf(table: CommandTable, words: readonly string[], resp3: boolean): Buffer {
  const args = argsOf(words);
  const reply = new Reply({
    more: () => {
      throw new Error('the reply is longer than a test expects');
    },
  });
  reply.out = new Uint8Array(OUT_BYTES);
  reply.outView = new DataView(reply.out.buffer);
  reply.limit = OUT_BYTES;
  reply.resp3 = resp3;
  let id = table.find(args.bytes, args.at(0), args.length(0));
  if (table.isContainer(id) && words.length > 1) {
    id = table.findSubcommand(id, args.bytes, args.at(1), args.length(1));
  }
  table.handlers[id]!({ args, reply, table } as unknown as Context);
  return Buffer.from(reply.out.subarray(0, reply.at));
}
