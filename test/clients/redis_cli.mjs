// redis-cli and redis-benchmark of the reference against a server; run by .ci/run, where they are installed.
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from '../../dist/index.js';

const server = await createServer();
const totals = { passed: 0, failed: 0 };

/** Runs a program to its end; what it printed. */
function run(program, args, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['-p', String(server.port), ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', () => resolve(output));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

const cli = (args, input) => run('redis-cli', args, input);

async function check(title, test) {
  try {
    await test();
    totals.passed++;
  } catch (error) {
    totals.failed++;
    console.log(`${error.stack}\nfailure: ${title}: ${error.message.split('\n')[0]}`);
  }
}

await check('single commands', async () => {
  assert.equal(await cli(['set', 'a', '1']), 'OK\n');
  assert.equal(await cli(['-3', 'get', 'a']), '1\n');
  assert.equal(await cli(['-n', '3', 'exists', 'a']), '0\n');
  assert.equal(await cli(['-r', '3', 'incr', 'n']), '1\n2\n3\n');
  assert.equal(await cli(['--json', '-3', 'config', 'get', 'maxmemory']), '{"maxmemory":"0"}\n');
  assert.match(await cli(['nonsense']), /^ERR unknown command 'nonsense'/);
  assert.match(await cli(['help', 'get']), /GET.*key[\s\S]*since:.* 1\.0\.0/);
});

await check('a script of commands, and a value from standard input', async () => {
  const replies = await cli([], 'MULTI\nSET x 1\nINCR x\nEXEC\nGET x\n');
  assert.equal(replies, 'OK\nQUEUED\nQUEUED\nOK\n2\n2\n');
  assert.equal(await cli(['-x', 'set', 'stdin'], 'größe'), 'OK\n');
  assert.equal(await cli(['--raw', 'get', 'stdin']), 'größe\n');
});

await check('mass insertion', async () => {
  await cli(['flushall']);
  let commands = '';
  for (let i = 0; i < 20_000; i++) {
    const key = `key:${i}`;
    commands += `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$1\r\nv\r\n`;
  }
  assert.match(await cli(['--pipe'], commands), /errors: 0, replies: 20000/);
  assert.equal(await cli(['dbsize']), '20000\n');
});

await check('walks through all keys', async () => {
  const keys = await cli(['--scan', '--pattern', 'key:1234*']);
  assert.equal(keys.trim().split('\n').length, 11);
  assert.match(await cli(['--bigkeys']), /20000 strings with 20000 bytes/);
  assert.match(await cli(['--memkeys']), /20000 strings with \d+ bytes/);
});

await check('redis-benchmark', async () => {
  const options = ['-t', 'ping,set,get,incr,mset', '-n', '20000', '-q', '-P', '16'];
  for (const more of [[], ['--threads', '2'], ['-c', '200']]) {
    const output = await run('redis-benchmark', [...options, ...more]);
    assert.equal(output.match(/requests per second/g)?.length, 6);
    assert.doesNotMatch(output, /error/i);
  }
});

await check('redis-cli and redis-benchmark over TLS', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
  const [cert, key] = [join(directory, 'self.crt'), join(directory, 'self.key')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
    { stdio: 'ignore' },
  );
  const secure = await createServer({ tls: { certFile: cert, keyFile: key, caCertFile: cert } });
  const options = ['-p', String(secure.tlsPort), '--tls', '--cacert', cert, '--cert', cert, '--key', key];
  assert.equal(await cli([...options, 'ping']), 'PONG\n');
  assert.equal(await cli([...options, '-x', 'set', 'large'], 'x'.repeat(1_000_000)), 'OK\n');
  assert.equal(await cli([...options, 'strlen', 'large']), '1000000\n');
  assert.match(await cli(['-p', String(secure.tlsPort), 'ping']), /Connection reset|closed/);
  assert.match(await cli([...options.slice(0, 5), 'ping']), /^Error|closed|required/);
  const output = await run('redis-benchmark', [...options, '-t', 'set,get', '-n', '20000', '-q', '-P', '16']);
  assert.equal(output.match(/requests per second/g)?.length, 2);
  await secure.close();
  rmSync(directory, { recursive: true });
});

await check('the end', async () => {
  const closed = new Promise((resolve) => server.once('close', resolve));
  await cli(['shutdown']);
  await closed;
});

await server.close();
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
