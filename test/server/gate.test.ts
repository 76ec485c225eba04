import { describe, expect, it } from 'vitest';
import { Engine } from '../support/engine.ts';

function refusal(...words: string[]): string {
  return new Engine().bytes([words]).toString('latin1');
}

describe('unknown commands', () => {
  it('are named with the first 128 characters of what was sent, as C prints them', () => {
    expect(refusal('nosuch', 'c\0d', '\0', 'e')).toBe(
      "-ERR unknown command 'nosuch', with args beginning with: 'c' '' 'e' \r\n",
    );
    expect(refusal('a\0b', 'x')).toBe("-ERR unknown command 'a', with args beginning with: 'x' \r\n");
    expect(refusal('a\r\nb', 'x\ny')).toBe(
      "-ERR unknown command 'a  b', with args beginning with: 'x y' \r\n",
    );
    expect(refusal('n'.repeat(200), 'a')).toBe(
      `-ERR unknown command '${'n'.repeat(128)}', with args beginning with: 'a' \r\n`,
    );
    const y = 'y'.repeat(100);
    expect(refusal('nosuch', y, 'z'.repeat(100), 'w')).toBe(
      `-ERR unknown command 'nosuch', with args beginning with: '${y}' '${'z'.repeat(25)}' \r\n`,
    );
    expect(refusal('nosuch', 'y'.repeat(125), 'z', 'w')).toBe(
      `-ERR unknown command 'nosuch', with args beginning with: '${'y'.repeat(125)}' \r\n`,
    );
  });

  it('have unknown subcommands beside them', () => {
    expect(refusal('config', 'x\0y')).toBe("-ERR unknown subcommand 'x'. Try CONFIG HELP.\r\n");
    expect(refusal('CONFIG', 'S'.repeat(200))).toBe(
      `-ERR unknown subcommand '${'S'.repeat(128)}'. Try CONFIG HELP.\r\n`,
    );
  });
});

it('answers EXEC with wrong arguments as an aborted transaction, and ends the transaction', () => {
  const engine = new Engine();
  const aborted =
    "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n";
  expect(engine.bytes([['EXEC', 'k'], ['MULTI'], ['EXEC', 'k'], ['EXEC']]).toString()).toBe(
    `${aborted}+OK\r\n${aborted}-ERR EXEC without MULTI\r\n`,
  );
});
