import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile, SystemFiles } from '../../src/base/files.ts';
import { FaultyFiles } from '../support/faulty_files.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'files-test-'));
  path = join(directory, 'file');
  writeFileSync(path, 'old', { mode: 0o640 });
});

afterEach(() => rmSync(directory, { recursive: true }));

const text = () => readFileSync(path, 'latin1');

describe('replaceFile', () => {
  it('replaces the bytes, keeps the permissions and leaves nothing behind', () => {
    replaceFile(new SystemFiles(), path, Buffer.from('new'), 0o600);
    expect(text()).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('creates a file that did not exist', () => {
    path = join(directory, 'another');
    replaceFile(new SystemFiles(), path, Buffer.from(''), 0o600);
    expect(text()).toBe('');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('goes on after short writes', () => {
    const files = new FaultyFiles();
    files.writeBytesMax = 3;
    replaceFile(files, path, Buffer.from('longer text'), 0o600);
    expect(text()).toBe('longer text');
    expect(files.calls.filter((call) => call === 'write')).toHaveLength(4);
  });

  it('syncs the file before it takes the name, and the directory after', () => {
    const files = new FaultyFiles();
    replaceFile(files, path, Buffer.from('new'), 0o600);
    expect(files.calls).toEqual([
      'remove',
      'mode',
      'create',
      'write',
      'sync',
      'close',
      'rename',
      'syncDirectory',
    ]);
  });

  it('leaves the old file whole and no other, whichever call fails', () => {
    const calls = new FaultyFiles();
    replaceFile(calls, path, Buffer.from('old'), 0o600);
    for (let n = 1; n <= calls.calls.length; n++) {
      const files = new FaultyFiles(n);
      expect(() => replaceFile(files, path, Buffer.from('new'), 0o600)).toThrow(/EIO/);
      expect(text()).toBe(calls.calls[n - 1] === 'syncDirectory' ? 'new' : 'old');
      expect(readdirSync(directory)).toEqual(['file']);
    }
  });

  it('removes what a crash left, and never writes through a link', () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${path}.${process.pid}.tmp`);
    replaceFile(new SystemFiles(), path, Buffer.from('new'), 0o600);
    expect(readFileSync(victim, 'latin1')).toBe('precious');
    expect(readdirSync(directory)).toEqual(['file', 'victim']);
  });
});

describe('SystemFiles', () => {
  it('reads, and says when there is nothing to read', () => {
    const files = new SystemFiles();
    expect(Buffer.from(files.read(path)).toString()).toBe('old');
    expect(() => files.read(join(directory, 'none'))).toThrow(/ENOENT/);
    expect(files.mode(join(directory, 'none'))).toBeNull();
  });

  it('refuses to create over a link', () => {
    symlinkSync('elsewhere', join(directory, 'link'));
    expect(() => new SystemFiles().create(join(directory, 'link'), 0o600)).toThrow(/EEXIST/);
  });
});
