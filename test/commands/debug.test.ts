import { describe, expect, it } from 'vitest';
import type { Engine } from '../support/engine.ts';
import { engineOf, PROTOCOLS, plain, putList, runLines } from './string_support.ts';

/** Replies that need no data, recorded from the reference: in RESP2, and in RESP3 where that differs. */
const PROTOCOL_REPLIES: readonly (readonly [type: string, resp2: string, resp3?: string])[] = [
  ['string', '$11\r\nHello World\r\n'],
  ['integer', ':12345\r\n'],
  ['double', '$5\r\n3.141\r\n', ',3.141\r\n'],
  [
    'bignum',
    '$37\r\n1234567999999999999999999999999999999\r\n',
    '(1234567999999999999999999999999999999\r\n',
  ],
  ['null', '$-1\r\n', '_\r\n'],
  ['array', '*3\r\n:0\r\n:1\r\n:2\r\n'],
  ['set', '*3\r\n:0\r\n:1\r\n:2\r\n', '~3\r\n:0\r\n:1\r\n:2\r\n'],
  ['map', '*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n', '%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n'],
  [
    'attrib',
    '$39\r\nSome real reply following the attribute\r\n',
    '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the attribute\r\n',
  ],
  [
    'push',
    '-ERR RESP2 is not supported by this command\r\n',
    '>2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push reply\r\n',
  ],
  ['verbatim', '$25\r\nThis is a verbatim\nstring\r\n', '=29\r\ntxt:This is a verbatim\nstring\r\n'],
  ['true', ':1\r\n', '#t\r\n'],
  ['false', ':0\r\n', '#f\r\n'],
];

const UNKNOWN = (name: string): string =>
  `-ERR unknown subcommand or wrong number of arguments for '${name}'. Try DEBUG HELP.`;

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it.each(PROTOCOL_REPLIES)('PROTOCOL %s', (type, reply2, reply3) => {
    const bytes = engineOf(resp3).bytes([['DEBUG', 'PROTOCOL', String(type)]]);
    expect(bytes.toString()).toBe(resp3 ? (reply3 ?? reply2) : reply2);
  });

  it('refuses unknown subcommands and wrong numbers of words alike', () => {
    expect(
      runLines(
        engineOf(resp3),
        'DEBUG PROTOCOL nosuch',
        'DEBUG PROTOCOL',
        'DEBUG nosuch a b c',
        'DEBUG SLEEP',
        'DEBUG object a b',
        'DEBUG help x',
        'DEBUG',
      ),
    ).toEqual([
      '-ERR Wrong protocol type name. Please use one of the following: ' +
        'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
      UNKNOWN('PROTOCOL'),
      UNKNOWN('nosuch'),
      UNKNOWN('SLEEP'),
      UNKNOWN('object'),
      UNKNOWN('help'),
      "-ERR wrong number of arguments for 'debug' command",
    ]);
    const help = plain(engineOf(resp3).line('DEBUG HELP')) as string[];
    expect(help[0]).toBe('DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
    expect(help.slice(-2)).toEqual(['HELP', '    Print this text.']);
  });

  it('computes the digests of the reference', () => {
    const engine = engineOf(resp3);
    const empty = `${'0'.repeat(40)}`;
    expect(runLines(engine, 'DEBUG DIGEST', 'DEBUG DIGEST-VALUE', 'DEBUG DIGEST-VALUE nosuch')).toEqual([
      empty,
      [],
      [empty],
    ]);
    runLines(engine, 'SET a hello', 'SET n 123', `SET big ${'x'.repeat(66)}`, 'SET e v PX 1000');
    runLines(engine, 'SELECT 2', 'SET two 2', 'SELECT 0');
    expect(runLines(engine, 'DEBUG DIGEST', 'DEBUG DIGEST-VALUE a n big e')).toEqual([
      '6eb5f2fc4545a0e4fcb314c4b88ee437891b4c99',
      [
        '36b23a1456b2dce2c3ed252c456761301dba8060',
        '89f7f51b707418f666d5b45e053bd5bbbf82ac2b',
        '65a0b0baa4933df050a89547844318b3f88b91f8',
        '311b17018163335616e089f6b951c82c477335ac',
      ],
    ]);
    runLines(engine, 'DEL e', 'SET e v PX 5000');
    expect(runLines(engine, 'DEBUG DIGEST')).toEqual(['6eb5f2fc4545a0e4fcb314c4b88ee437891b4c99']);
    runLines(engine, 'PERSIST e');
    expect(runLines(engine, 'DEBUG DIGEST')).not.toEqual(['6eb5f2fc4545a0e4fcb314c4b88ee437891b4c99']);
  });

  it('shows how values are stored', () => {
    const engine = engineOf(resp3, { config: { rdbcompression: 'no' } });
    runLines(engine, 'SET a hello', 'SET n 300', `SET long ${'x'.repeat(5000)}`);
    putList(engine, 'list');
    expect(plain(engine.line('DEBUG OBJECT a'))).toMatch(
      /^Value at:0x[0-9a-f]+ refcount:1 encoding:embstr serializedlength:6 lru:\d+ lru_seconds_idle:0$/,
    );
    expect(plain(engine.line('DEBUG OBJECT n'))).toMatch(
      / refcount:2147483647 encoding:int serializedlength:3 /,
    );
    expect(plain(engine.line('DEBUG OBJECT long'))).toMatch(
      / refcount:1 encoding:raw serializedlength:5002 /,
    );
    expect(plain(engine.line('DEBUG SDSLEN a'))).toBe(
      'key_sds_len:1, key_sds_avail:0, key_zmalloc: 16, val_sds_len:5, val_sds_avail:0, val_zmalloc: 0',
    );
    expect(plain(engine.line('DEBUG SDSLEN long'))).toMatch(/^key_sds_len:4, .* val_sds_len:5000, /);
    expect(
      runLines(
        engine,
        'DEBUG OBJECT nosuch',
        'DEBUG SDSLEN n',
        'DEBUG SDSLEN list',
        'DEBUG LISTPACK a',
        'DEBUG LISTPACK nosuch',
        'DEBUG QUICKLIST a',
        'DEBUG HTSTATS-KEY a',
        'DEBUG HTSTATS 99',
        'DEBUG HTSTATS x',
      ),
    ).toEqual([
      '-ERR no such key',
      '-ERR Not an sds encoded string.',
      '-ERR Not an sds encoded string.',
      '-ERR Not a listpack encoded object.',
      '-ERR no such key',
      '-ERR Not a quicklist encoded object.',
      '-ERR The value stored at the specified key is not represented using an hash table',
      '-ERR Out of range database',
      '-ERR value is not an integer or out of range',
    ]);
    expect(plain(engine.line('DEBUG OBJECT list'))).toMatch(/ encoding:listpack serializedlength:19 lru:/);
    expect(plain(engine.line('DEBUG LISTPACK list'))).toBe('Listpack structure printed on stdout');
    expect(engine.log.at(-1)).toContain('DEBUG LISTPACK: 16 bytes, 1 elements');
    engine.line('HSET volatile a 1 b 2');
    engine.line('HPEXPIRE volatile 100000 FIELDS 1 a');
    expect(plain(engine.line('DEBUG LISTPACK volatile'))).toBe('Listpack structure printed on stdout');
    expect(engine.log.at(-1)).toMatch(/DEBUG LISTPACK: \d+ bytes, 6 elements/);
    engine.line('DEL volatile');
    expect(plain(engine.line('DEBUG HTSTATS 0'))).toMatch(/^\[Dictionary HT\]\n.*\nnumber of elements: 4\n/);
    expect(plain(engine.line('DEBUG HTSTATS 5'))).toContain('number of elements: 0');
  });

  it('shows the nodes of a long list', () => {
    const engine = engineOf(resp3, {
      config: { 'list-max-listpack-size': '2', 'list-compress-depth': '1', rdbcompression: 'no' },
    });
    runLines(engine, `RPUSH l a b ${'c'.repeat(100)} d ${'e'.repeat(9000)} f`);
    expect(plain(engine.line('DEBUG OBJECT l'))).toMatch(
      / encoding:quicklist serializedlength:9147 .* ql_nodes:4 ql_avg_node:1.50 ql_listpack_max:2 ql_compressed:1 ql_uncompressed_size:9136$/,
    );
    const before = engine.log.length;
    expect(plain(engine.line('DEBUG QUICKLIST l 1'))).toBe('Quicklist structure printed on stdout');
    expect(engine.log.slice(before).map((line) => line.replace(/^.* \* /, '').trim())).toEqual([
      'DEBUG QUICKLIST: a listpack: 13 bytes, 2 elements',
      'DEBUG QUICKLIST: a listpack, compressed: 113 bytes, 2 elements',
      'DEBUG QUICKLIST: one large element, compressed: 9000 bytes, 1 elements',
      'DEBUG QUICKLIST: a listpack: 10 bytes, 1 elements',
    ]);
  });

  it('gives elements from a threshold on nodes of their own', () => {
    const engine = engineOf(resp3, { config: { 'list-max-listpack-size': '5' } });
    expect(runLines(engine, 'DEBUG QUICKLIST-PACKED-THRESHOLD 3b', 'RPUSH l a bb ccc d ee f')).toEqual([
      'OK',
      6,
    ]);
    expect(plain(engine.line('DEBUG OBJECT l'))).toContain(' ql_nodes:3 ');
    expect(runLines(engine, 'DEBUG QUICKLIST-PACKED-THRESHOLD 0', 'RPUSH l ggg')).toEqual(['OK', 7]);
    expect(plain(engine.line('DEBUG OBJECT l'))).toContain(' ql_nodes:3 ');
  });

  it('has the digest of the reference for lists', () => {
    const engine = engineOf(resp3);
    runLines(engine, "RPUSH l a b 12 -7 ''");
    expect(plain(engine.line('DEBUG DIGEST-VALUE l'))).toEqual(['26839d7f55724eabf7b56002fff04047d0901164']);
  });

  it('has the digest and the lengths of the reference for hashes', () => {
    const engine = engineOf(resp3, { config: { rdbcompression: 'no' } });
    runLines(engine, 'HSET h a 1 b text 17 -5000');
    expect(plain(engine.line('DEBUG DIGEST-VALUE h'))).toEqual(['c3eae61531feb61ac8dd3f1f95c4fafd19c33a67']);
    expect(plain(engine.line('DEBUG OBJECT h'))).toContain(' encoding:listpack serializedlength:28 ');
    const long = 'x'.repeat(79);
    engine.line(`HSET h big ${long}`);
    expect(plain(engine.line('DEBUG DIGEST-VALUE h'))).toEqual(['e5a69b158f0f3faf1886ad39f8f0b52f4a80b704']);
    expect(plain(engine.line('DEBUG OBJECT h'))).toContain(' encoding:hashtable serializedlength:102 ');
  });

  it('has the digest and the lengths of the reference for sets', () => {
    const engine = engineOf(resp3);
    runLines(engine, 'SADD s a b c d e 1', 'SADD i 1 2 3 70000');
    expect(plain(engine.line('DEBUG DIGEST-VALUE s i'))).toEqual([
      '0886b6adda9133fe836f1935e049a12a9ad0c8d2',
      'de59ae3130457727a0fd19f27dec1af5d247c288',
    ]);
    engine.run(['SADD', 's', ...Array.from({ length: 200 }, (_, i) => String(i + 1))]);
    expect(plain(engine.line('DEBUG DIGEST'))).toBe('02dfed5dd2d633dbbcbfdae246b2357d81df917b');
    expect(plain(engine.line('DEBUG OBJECT i'))).toContain(' encoding:intset serializedlength:25 ');
    expect(plain(engine.line('DEBUG OBJECT s'))).toContain(' encoding:hashtable serializedlength:485 ');
  });

  it('fills a database', () => {
    const engine = engineOf(resp3);
    expect(
      runLines(
        engine,
        'DEBUG POPULATE 3',
        'DEBUG POPULATE 5 key 3',
        'MGET key:0 key:2 key:3 key:4 key:5',
        'DEBUG POPULATE 1 pad 12',
        'GET pad:0',
        'DBSIZE',
        'DEBUG POPULATE x',
        'DEBUG POPULATE -1',
        'DEBUG POPULATE 1 a -1',
        'DEBUG POPULATE 1 a 2 3',
      ),
    ).toEqual([
      'OK',
      'OK',
      ['value:0', 'value:2', 'val', 'val', null],
      'OK',
      'value:0\0\0\0\0\0',
      6,
      '-ERR value is out of range, must be positive',
      '-ERR value is out of range, must be positive',
      '-ERR value is out of range, must be positive',
      UNKNOWN('POPULATE'),
    ]);
    engine.verify();
  });

  it('replies with the error it is given', () => {
    const engine = engineOf(resp3);
    expect(engine.bytes([['DEBUG', 'ERROR', 'ERR a\r\nb']]).toString()).toBe('-ERR a  b\r\n');
    expect(engine.bytes([['DEBUG', 'ERROR', 'MINE text']]).toString()).toBe('-MINE text\r\n');
    expect(plain(engine.line('INFO errorstats'))).toBe(
      '# Errorstats\r\nerrorstat_ERR:count=1\r\nerrorstat_MINE:count=1\r\n',
    );
  });
});

describe('what DEBUG does to the server', () => {
  it('lets time pass', () => {
    const engine = engineOf(false);
    const startMs = engine.clock.nowMs();
    expect(runLines(engine, 'DEBUG SLEEP 1.5', 'DEBUG SLEEP x', 'DEBUG SLEEP -3', 'DEBUG SLEEP 0')).toEqual([
      'OK',
      'OK',
      'OK',
      'OK',
    ]);
    expect(engine.clock.nowMs() - startMs).toBe(1500);
    const replies = engine.batch([
      ['SET', 'a', 'b', 'PX', '100'],
      ['DEBUG', 'SLEEP', '0.2'],
      ['GET', 'a'],
    ]);
    expect(replies.map(plain)).toEqual(['OK', 'OK', null]);
  });

  it('keeps expired keys until somebody asks, if told so', () => {
    const engine = engineOf(false);
    runLines(engine, 'DEBUG SET-ACTIVE-EXPIRE 0', 'SET a b PX 1');
    engine.clock.advance(5);
    engine.server.runDueWork();
    expect(runLines(engine, 'DBSIZE', 'DEBUG SET-ACTIVE-EXPIRE 1')).toEqual([1, 'OK']);
    engine.server.runDueWork();
    expect(runLines(engine, 'DBSIZE')).toEqual([0]);
  });

  it('writes into the log, and takes new replication ids', () => {
    const engine = engineOf(false);
    runLines(engine, 'DEBUG LOG hello');
    expect(engine.log.at(-1)).toMatch(/ # DEBUG LOG: hello\n$/);
    const before = engine.server.replicationId;
    expect(before).toMatch(/^[0-9a-f]{40}$/);
    runLines(engine, 'DEBUG CHANGE-REPL-ID');
    expect(engine.server.replicationId).toMatch(/^[0-9a-f]{40}$/);
    expect(engine.server.replicationId).not.toBe(before);
  });

  it('stops the periodic work', () => {
    const engine = engineOf(false);
    runLines(engine, 'DEBUG PAUSE-CRON 1');
    expect(engine.server.admin.isCronPaused).toBe(true);
    runLines(engine, 'DEBUG PAUSE-CRON 0');
    expect(engine.server.admin.isCronPaused).toBe(false);
  });

  it('leaks as much as it is told', () => {
    const engine = engineOf(false);
    const { arena } = engine.server;
    const before = arena.liveBlocks;
    runLines(engine, 'DEBUG LEAK 12345');
    expect(arena.liveBlocks).toBe(before + 1);
  });

  it('keeps what there is when it cannot be saved or is not there to be loaded', () => {
    const failed = '-ERR Error trying to load the RDB dump, check server logs.';
    const lines = ['SET a b', 'DEBUG RELOAD', 'DEBUG RELOAD NOSAVE', 'DEBUG RELOAD NOW', 'GET a'];
    expect(runLines(engineOf(false), ...lines)).toEqual([
      'OK',
      failed,
      failed,
      '-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.',
      'b',
    ]);
  });

  it('takes settings of the reference that have no effect here, checked', () => {
    expect(
      runLines(
        engineOf(false),
        'DEBUG QUICKLIST-PACKED-THRESHOLD 100b',
        'DEBUG QUICKLIST-PACKED-THRESHOLD 5G',
        'DEBUG REPLYBUFFER RESIZING 0',
        'DEBUG REPLYBUFFER PEAK-RESET-TIME 100',
        'DEBUG REPLYBUFFER PEAK-RESET-TIME never',
        'DEBUG REPLYBUFFER PEAK-RESET-TIME x',
        'DEBUG REPLYBUFFER nosuch 1',
        'DEBUG CLIENT-EVICTION',
        'DEBUG CONFIG-REWRITE-FORCE-ALL',
        'DEBUG REPLY-COPY-AVOIDANCE 0',
        'DEBUG CLIENT-ENFORCE-REPLY-LIST 1',
      ),
    ).toEqual([
      'OK',
      '-ERR argument must be a memory value bigger than 1 and smaller than 4gb',
      'OK',
      'OK',
      'OK',
      '-ERR value is not an integer or out of range',
      UNKNOWN('REPLYBUFFER'),
      '-ERR maxmemory-clients is disabled.',
      '-ERR CONFIG-REWRITE-FORCE-ALL failed: Bad address',
      'OK',
      'OK',
    ]);
  });

  it.each(['SEGFAULT', 'PANIC', 'ASSERT', 'OOM'])('%s leaves a report and ends the process', (name) => {
    const engine = engineOf(false);
    let ended = 0;
    engine.server.admin.onCrash = () => ended++;
    runLines(engine, 'SET a b');
    engine.bytes([['DEBUG', name]]);
    expect(ended).toBe(1);
    const report = engine.log.join('');
    expect(report).toContain(`asked for by DEBUG ${name}`);
    expect(report).toContain('db0:keys=1');
    expect(report).toContain('=== END OF CRASH REPORT');
  });
});

describe('permission', () => {
  const refused =
    '-ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local ' +
    'connection, otherwise you need to set this option in the configuration file, and then restart the server.';
  const from = (engine: Engine, addr: string): void => {
    const row = engine.reactor.clientRow.bind(engine.reactor);
    engine.reactor.clientRow = (lane, slot) => ({ ...row(lane, slot), addr });
  };

  it('is for all, for nobody, or for local clients', () => {
    const engine = (value: string): Engine => engineOf(false, { config: { 'enable-debug-command': value } });
    expect(runLines(engine('no'), 'DEBUG SLEEP 0', 'DEBUG HELP')).toEqual([refused, refused]);
    expect(runLines(engine('local'), 'DEBUG SLEEP 0')).toEqual(['OK']);
    const remote = engine('local');
    from(remote, '192.0.2.7:99');
    expect(runLines(remote, 'DEBUG SLEEP 0')).toEqual([refused]);
    from(remote, '[::1]:99');
    expect(runLines(remote, 'DEBUG SLEEP 0')).toEqual(['OK']);
  });
});
