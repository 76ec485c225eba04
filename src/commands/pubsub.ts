// Pub/sub: subscribing, unsubscribing and publishing. Each name gets a confirmation of its own, which is a push where the
// client speaks RESP3 and reaches it also while its replies are off.
import { SSUBSCRIBE_IN_TRANSACTION } from '../resp/errors.ts';
import type { Client } from '../session/client.ts';
import type { Topic } from '../session/pubsub.ts';
import type { Context } from './context.ts';
import {
  type CommandSpec,
  command,
  FAST,
  keyRange,
  LOADING,
  MAY_REPLICATE,
  NOSCRIPT,
  PUBSUB,
  SENTINEL,
  STALE,
} from './spec.ts';

const SUBSCRIBE = command({
  name: 'subscribe',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Receives the messages of channels from now on',
  complexity: 'O(N) in the channels given',
  arity: -2,
  flags: PUBSUB | NOSCRIPT | LOADING | STALE | SENTINEL,
  syntax: 'channel+',
  run: (c) => subscribe(c, 'channels', 'subscribe'),
});

const PSUBSCRIBE = command({
  name: 'psubscribe',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Receives the messages of all channels whose names match patterns',
  complexity: 'O(N) in the patterns given',
  arity: -2,
  flags: PUBSUB | NOSCRIPT | LOADING | STALE | SENTINEL,
  syntax: 'pattern=(pattern:pattern)+',
  run: (c) => subscribe(c, 'patterns', 'psubscribe'),
});

const SSUBSCRIBE = command({
  name: 'ssubscribe',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Receives the messages of channels that belong to shards',
  complexity: 'O(N) in the channels given',
  arity: -2,
  flags: PUBSUB | NOSCRIPT | LOADING | STALE,
  keys: [keyRange('NOT_KEY', 1, -1)],
  syntax: 'shardchannel+',
  run: runSsubscribe,
});

function runSsubscribe(c: Context): void {
  if (c.inTransaction) c.reply.error(SSUBSCRIBE_IN_TRANSACTION);
  else subscribe(c, 'shardChannels', 'ssubscribe');
}

const UNSUBSCRIBE = command({
  name: 'unsubscribe',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Ends subscriptions to channels; without arguments, all of them',
  complexity: 'O(N) in the channels left',
  arity: -1,
  flags: PUBSUB | NOSCRIPT | LOADING | STALE | SENTINEL,
  syntax: '[channel+]',
  run: (c) => unsubscribe(c, 'channels', 'unsubscribe'),
});

const PUNSUBSCRIBE = command({
  name: 'punsubscribe',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Ends subscriptions to patterns; without arguments, all of them',
  complexity: 'O(N) in the patterns left',
  arity: -1,
  flags: PUBSUB | NOSCRIPT | LOADING | STALE | SENTINEL,
  syntax: '[pattern:pattern+]',
  run: (c) => unsubscribe(c, 'patterns', 'punsubscribe'),
});

const SUNSUBSCRIBE = command({
  name: 'sunsubscribe',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Ends subscriptions to channels of shards; without arguments, all of them',
  complexity: 'O(N) in the channels left',
  arity: -1,
  flags: PUBSUB | NOSCRIPT | LOADING | STALE,
  keys: [keyRange('NOT_KEY', 1, -1)],
  syntax: '[shardchannel+]',
  run: (c) => unsubscribe(c, 'shardChannels', 'sunsubscribe'),
});

function subscribe(c: Context, topic: Topic, kind: string): void {
  const { args, client, server } = c;
  const wasSubscriber = client.subscriptions !== null;
  const wasMuted = server.unmute();
  for (let i = 1; i < args.count; i++) {
    const name = args.text(i);
    server.pubsub.subscribe(client, topic, name);
    confirm(c, kind, name, countOf(client, topic));
  }
  if (wasMuted) server.mute();
  if (!wasSubscriber) server.subscriberChanged(client);
}

function unsubscribe(c: Context, topic: Topic, kind: string): void {
  const { args, client, server } = c;
  const wasSubscriber = client.subscriptions !== null;
  const wasMuted = server.unmute();
  const names = args.count > 1 ? namesOf(c) : [...(client.subscriptions?.[topic] ?? [])];
  for (const name of names) {
    server.pubsub.unsubscribe(client, topic, name);
    confirm(c, kind, name, countOf(client, topic));
  }
  if (names.length === 0) confirm(c, kind, null, countOf(client, topic));
  if (wasMuted) server.mute();
  if (wasSubscriber && client.subscriptions === null) server.subscriberChanged(client);
}

function namesOf({ args }: Context): string[] {
  return Array.from({ length: args.count - 1 }, (_, i) => args.text(i + 1));
}

function confirm({ reply }: Context, kind: string, name: string | null, count: number): void {
  reply.push(3);
  reply.bulkText(kind);
  if (name === null) reply.null();
  else reply.bulkText(name);
  reply.integer(count);
}

/** What a confirmation counts: channels and patterns together, or channels of shards. */
function countOf({ subscriptions }: Client, topic: Topic): number {
  if (subscriptions === null) return 0;
  const { channels, patterns, shardChannels } = subscriptions;
  return topic === 'shardChannels' ? shardChannels.size : channels.size + patterns.size;
}

/** Ends all subscriptions of the current client without a word. */
export function leaveAll(c: Context, client: Client): void {
  if (client.subscriptions === null) return;
  c.server.pubsub.leave(client);
  c.server.subscriberChanged(client);
}

const PUBLISH = command({
  name: 'publish',
  group: 'pubsub',
  since: '2.0.0',
  summary: 'Sends a message to all subscribers of a channel; how many subscriptions it met',
  complexity: 'O(N+M) in the subscribers of the channel and in all patterns',
  arity: 3,
  flags: PUBSUB | LOADING | STALE | FAST | MAY_REPLICATE | SENTINEL,
  syntax: 'channel message',
  run: runPublish,
});

function runPublish({ args, reply, server }: Context): void {
  reply.integer(server.publisher.publish(args.text(1), args.bytes, args.at(2), args.length(2)));
}

const SPUBLISH = command({
  name: 'spublish',
  group: 'pubsub',
  since: '7.0.0',
  summary: 'Sends a message to all subscribers of a channel of a shard; how many there were',
  complexity: 'O(N) in the subscribers of the channel',
  arity: 3,
  flags: PUBSUB | LOADING | STALE | FAST | MAY_REPLICATE,
  keys: [keyRange('NOT_KEY', 1, 0)],
  syntax: 'shardchannel message',
  run: runSpublish,
});

function runSpublish({ args, reply, server }: Context): void {
  reply.integer(server.publisher.publishToShard(args.text(1), args.bytes, args.at(2), args.length(2)));
}

export const PUBSUB_COMMANDS: readonly CommandSpec[] = [
  PSUBSCRIBE,
  PUBLISH,
  PUNSUBSCRIBE,
  SPUBLISH,
  SSUBSCRIBE,
  SUBSCRIBE,
  SUNSUBSCRIBE,
  UNSUBSCRIBE,
];
