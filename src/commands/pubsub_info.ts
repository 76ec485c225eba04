// PUBSUB: what there is in the way of channels, patterns and subscribers.
import { globMatchString } from '../base/glob.ts';
import { unknownSubcommandOrArity } from '../resp/errors.ts';
import type { Audience } from '../session/audience.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, container, LOADING, PUBSUB, STALE } from './spec.ts';

type Channels = ReadonlyMap<string, Audience>;

const PUBSUB_CHANNELS = command({
  name: 'pubsub|channels',
  group: 'pubsub',
  since: '2.8.0',
  summary: 'Channels with subscribers, or those of them that match a pattern',
  complexity: 'O(N) in the channels with subscribers',
  arity: -2,
  flags: PUBSUB | LOADING | STALE,
  syntax: '[pattern:pattern]',
  help: [
    'CHANNELS [<pattern>]',
    '    Channels that have subscribers, those whose name matches <pattern> if one is given.',
  ],
  run: (c) => replyChannels(c, c.server.pubsub.channels),
});

const PUBSUB_SHARDCHANNELS = command({
  name: 'pubsub|shardchannels',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Channels of shards with subscribers, or those of them that match a pattern',
  complexity: 'O(N) in the channels of shards with subscribers',
  arity: -2,
  flags: PUBSUB | LOADING | STALE,
  syntax: '[pattern:pattern]',
  help: ['SHARDCHANNELS [<pattern>]', '    Like CHANNELS, for channels that belong to shards.'],
  run: (c) => replyChannels(c, c.server.pubsub.shardChannels),
});

function replyChannels({ args, reply }: Context, channels: Channels): void {
  if (args.count > 3) {
    reply.error(unknownSubcommandOrArity(args.text(1), 'PUBSUB'));
    return;
  }
  const pattern = args.count === 3 ? args.text(2) : null;
  const names = [...channels.keys()].filter(
    (name) => pattern === null || globMatchString(pattern, name, false),
  );
  reply.array(names.length);
  for (const name of names) reply.bulkText(name);
}

const PUBSUB_NUMSUB = command({
  name: 'pubsub|numsub',
  group: 'pubsub',
  since: '2.8.0',
  summary: 'How many subscribers each of the channels has',
  complexity: 'O(N) in the channels given',
  arity: -2,
  flags: PUBSUB | LOADING | STALE,
  syntax: '[channel+]',
  help: [
    'NUMSUB [<channel> [<channel> ...]]',
    '    Each channel and its number of subscribers, not counting those by pattern.',
  ],
  run: (c) => replyCounts(c, c.server.pubsub.channels),
});

const PUBSUB_SHARDNUMSUB = command({
  name: 'pubsub|shardnumsub',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'How many subscribers each of the channels of shards has',
  complexity: 'O(N) in the channels given',
  arity: -2,
  flags: PUBSUB | LOADING | STALE,
  syntax: '[shardchannel+]',
  help: [
    'SHARDNUMSUB [<shardchannel> [<shardchannel> ...]]',
    '    Like NUMSUB, for channels that belong to shards.',
  ],
  run: (c) => replyCounts(c, c.server.pubsub.shardChannels),
});

function replyCounts({ args, reply }: Context, channels: Channels): void {
  reply.array(2 * (args.count - 2));
  for (let i = 2; i < args.count; i++) {
    reply.bulk(args.bytes, args.at(i), args.length(i));
    reply.integer(channels.get(args.text(i))?.size ?? 0);
  }
}

const PUBSUB_NUMPAT = command({
  name: 'pubsub|numpat',
  group: 'pubsub',
  since: '2.8.0',
  summary: 'How many different patterns are subscribed to',
  complexity: 'O(1)',
  arity: 2,
  flags: PUBSUB | LOADING | STALE,
  help: ['NUMPAT', '    Number of different patterns that are subscribed to.'],
  run: ({ reply, server }) => reply.integer(server.pubsub.patterns.size),
});

const PUBSUB_CONTAINER = container(
  {
    name: 'pubsub',
    group: 'pubsub',
    since: '2.8.0',
    summary: 'Looks at channels and their subscribers',
    helpSince: '6.2.0',
  },
  [PUBSUB_CHANNELS, PUBSUB_NUMPAT, PUBSUB_NUMSUB, PUBSUB_SHARDCHANNELS, PUBSUB_SHARDNUMSUB],
);

export const PUBSUB_INFO_COMMANDS: readonly CommandSpec[] = [PUBSUB_CONTAINER];
