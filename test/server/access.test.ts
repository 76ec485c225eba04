import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plain, runLines } from '../commands/string_support.ts';
import { Engine } from '../support/engine.ts';

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-'));
  path = join(dir, 'users.acl');
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A server with an ACL file of these lines. */
function withUsers(...lines: string[]): Engine {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  const engine = new Engine({ dir, config: { aclfile: 'users.acl' } });
  engine.server.access.loadAtStart();
  return engine;
}

describe('the ACL file', () => {
  it('gives all users at the start', () => {
    const engine = withUsers('user bob on >secret ~a* +get (+set ~b*)', '', ' \tuser eve off  nopass\r');
    expect(engine.line('ACL LIST')).toEqual([
      expect.stringMatching(
        /^user bob on #[0-9a-f]{64} ~a\* resetchannels -@all \+get \(~b\* resetchannels -@all \+set\)$/,
      ),
      'user default on nopass ~* &* +@all',
      'user eve off nopass resetchannels -@all',
    ]);
    expect(plain(engine.line('AUTH bob secret', 1))).toBe('OK');
  });

  it('may make the default user another one', () => {
    const engine = withUsers('user default on >secret ~* +ping');
    expect(runLines(engine, 'PING', 'AUTH secret', 'PING')).toEqual([
      '-NOAUTH Authentication required.',
      'OK',
      'PONG',
    ]);
    expect(String(plain(engine.line('GET a')))).toContain("'get' command");
  });

  it('counts as a whole or not at all, and all that is wrong is told', () => {
    const engine = withUsers('user bob on nopass');
    writeFileSync(
      path,
      [
        'usr bob',
        'user',
        'user a +nosuch -@none on',
        'user b ~* ~a &* &x',
        'user b on',
        'user c (+get',
        'user d',
      ].join('\n'),
    );
    expect(plain(engine.line('ACL LOAD'))).toBe(
      '-ERR users.acl:1 should start with user keyword followed by the username. ' +
        'users.acl:2 should start with user keyword followed by the username. ' +
        "users.acl:3: Error in applying operation '+nosuch': Unknown command or category name in ACL. " +
        "users.acl:3: Error in applying operation '-@none': Unknown command or category name in ACL. " +
        "users.acl:4: Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any " +
        "effect. Try 'resetkeys' to start with an empty list of patterns. " +
        "WARNING: Duplicate user 'b' found on line 5. " +
        'users.acl:6: Unmatched parenthesis in selector definition.' +
        'WARNING: ACL errors detected, no change to the previously active ACL rules was performed',
    );
    expect(engine.line('ACL USERS')).toEqual(['bob', 'default']);
    rmSync(path);
    expect(plain(engine.line('ACL LOAD'))).toBe(
      "-ERR Error loading ACLs, opening file 'users.acl': No such file or directory",
    );
    expect(() => engine.server.access.loadAtStart()).toThrow(
      'Aborting Redis startup because of ACL errors: Error',
    );
  });

  it('closes the connections of users who are gone or may not hear what they listen to, and of no others', () => {
    const engine = withUsers(...['a', 'b', 'c', 'd'].map((name) => `user ${name} on nopass ~* &* +@all`));
    ['a', 'b', 'c', 'd'].forEach((name, i) => {
      engine.line(`AUTH ${name} x`, i + 1);
      engine.line('SUBSCRIBE news', i + 1);
    });
    engine.line('AUTH b x', 5);
    writeFileSync(
      path,
      'user b on nopass ~* &other +@all\nuser c on nopass ~* &n* +@all\nuser d on nopass ~x &* -@all +unsubscribe\n',
    );
    expect(engine.line('ACL LOAD')).toBe('OK');
    expect([...engine.reactor.closed].sort()).toEqual([1, 2]);
    expect(plain(engine.line('GET a', 5))).toBe(null);
    expect(engine.line('UNSUBSCRIBE', 4)).toEqual(['unsubscribe', 'news', 0]);
    expect(String(plain(engine.line('SET a 1', 4)))).toMatch(/^-NOPERM/);
  });

  it('brings the default user back to what it is at first if it does not speak of it', () => {
    const engine = withUsers('user default on nopass ~* &* +@all -get');
    writeFileSync(path, '');
    expect(runLines(engine, 'ACL LOAD', 'ACL LIST', 'GET a')).toEqual([
      'OK',
      ['user default on nopass ~* &* +@all'],
      null,
    ]);
  });

  it('is written by ACL SAVE for its owner alone, and is the same again', () => {
    const engine = withUsers('user bob on nopass ~a +@all');
    rmSync(path);
    runLines(engine, 'ACL SETUSER eve on >x %R~* &news (+@string -set ~k)', 'ACL SETUSER bob -@admin');
    const before = engine.line('ACL LIST') as string[];
    expect(engine.line('ACL SAVE')).toBe('OK');
    expect(readFileSync(path, 'latin1')).toBe(before.map((line) => `${line}\n`).join(''));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o640);
    expect(runLines(engine, 'ACL SAVE', 'ACL LOAD', 'ACL LIST')).toEqual(['OK', 'OK', before]);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    rmSync(dir, { recursive: true });
    expect(plain(engine.line('ACL SAVE'))).toBe(
      '-ERR There was an error trying to save the ACLs. Please check the server logs for more information',
    );
    expect(engine.log.join('')).toContain('Writing ACL file for ACL SAVE: No such file or directory');
  });
});
