// CLIENT TRACKING and what belongs to it: how a client wants to hear of changed keys. server/invalidations.ts tells it.
import {
  BCAST_SWITCHED,
  CACHING_NO_WITHOUT_OPTOUT,
  CACHING_WITHOUT_TRACKING,
  CACHING_YES_WITHOUT_OPTIN,
  NO_REDIRECTION_TARGET,
  NOT_AN_INTEGER,
  ONE_REDIRECTION,
  OPT_SWITCHED,
  OPT_WITH_BCAST,
  OPTIN_WITH_OPTOUT,
  PREFIX_WITHOUT_BCAST,
  prefixOverlaps,
  prefixOverlapsAnother,
  SYNTAX,
} from '../resp/errors.ts';
import type { Tracking } from '../session/tracking.ts';
import type { Context } from './context.ts';
import type { TrackingOptions } from './server_port.ts';
import { command, LOADING, NOSCRIPT, STALE } from './spec.ts';

export const CLIENT_CACHING = command({
  name: 'client|caching',
  group: 'connection',
  since: '6.0.0',
  summary: 'Says whether the keys of the next command are tracked, in modes OPTIN and OPTOUT',
  complexity: 'O(1)',
  arity: 3,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: 'mode=(YES | NO)',
  help: ['CACHING (YES|NO)', '    Whether to track the keys of the next command, with OPTIN or OPTOUT.'],
  run: runClientCaching,
});

function runClientCaching(c: Context): void {
  const tracking = c.server.knownClient()?.tracking ?? null;
  const refusal = tracking === null ? CACHING_WITHOUT_TRACKING : cachingRefusal(c, tracking);
  if (refusal !== '') {
    c.reply.error(refusal);
    return;
  }
  tracking!.caching = true;
  c.reply.ok();
}

/** Why the client may not make this exception, or ''. */
function cachingRefusal({ args }: Context, { optin, optout }: Tracking): string {
  if (args.is(2, 'yes')) return optin ? '' : CACHING_YES_WITHOUT_OPTIN;
  if (args.is(2, 'no')) return optout ? '' : CACHING_NO_WITHOUT_OPTOUT;
  return SYNTAX;
}

export const CLIENT_GETREDIR = command({
  name: 'client|getredir',
  group: 'connection',
  since: '6.0.0',
  summary: 'Id of the client that receives the invalidations of this one; 0 none, -1 no tracking',
  complexity: 'O(1)',
  arity: 2,
  flags: NOSCRIPT | LOADING | STALE,
  help: ['GETREDIR', '    Id of the client to which tracking of this one is redirected.'],
  run: runClientGetredir,
});

function runClientGetredir(c: Context): void {
  c.reply.integer(c.server.knownClient()?.tracking?.redirectId ?? -1);
}

export const CLIENT_TRACKING = command({
  name: 'client|tracking',
  group: 'connection',
  since: '6.0.0',
  summary: 'Turns on or off the tracking of keys for caches on the client side',
  complexity: 'O(1) besides the prefixes given',
  arity: -3,
  flags: NOSCRIPT | LOADING | STALE,
  syntax: `status=(ON | OFF) [REDIRECT client-id:integer] [PREFIX prefix++] [BCAST] [OPTIN] [OPTOUT]
    [NOLOOP]`,
  help: [
    'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]',
    '         [OPTIN] [OPTOUT] [NOLOOP]',
    '    Tell this client when keys that it may have cached change.',
  ],
  run: runClientTracking,
});

type Options = { -readonly [Name in keyof TrackingOptions]: TrackingOptions[Name] } & { prefixes: string[] };

function runClientTracking(c: Context): void {
  const { args, reply, server } = c;
  const options: Options = {
    bcast: false,
    optin: false,
    optout: false,
    noloop: false,
    redirectId: 0,
    prefixes: [],
  };
  let refusal = readOptions(c, options);
  if (refusal === '' && args.is(2, 'on'))
    refusal = conflictOf(options, server.knownClient()?.tracking ?? null);
  else if (refusal === '' && !args.is(2, 'off')) refusal = SYNTAX;
  if (refusal !== '') {
    reply.error(refusal);
    return;
  }
  if (args.is(2, 'on')) server.tracking.start(c.client, options);
  else server.tracking.stop(c.client);
  reply.ok();
}

/** Fills in the options; the error that ends the command, or ''. */
function readOptions(c: Context, options: Options): string {
  const { args } = c;
  for (let i = 3; i < args.count; i++) {
    const hasValue = i + 1 < args.count;
    if (args.is(i, 'bcast')) {
      options.bcast = true;
    } else if (args.is(i, 'optin')) {
      options.optin = true;
    } else if (args.is(i, 'optout')) {
      options.optout = true;
    } else if (args.is(i, 'noloop')) {
      options.noloop = true;
    } else if (args.is(i, 'prefix') && hasValue) {
      options.prefixes.push(args.text(++i));
    } else if (args.is(i, 'redirect') && hasValue) {
      const refusal = readRedirection(c, ++i, options);
      if (refusal !== '') return refusal;
    } else {
      return SYNTAX;
    }
  }
  return '';
}

function readRedirection({ args, server }: Context, i: number, options: Options): string {
  if (options.redirectId !== 0) return ONE_REDIRECTION;
  const id = args.int64(i);
  if (id === null) return NOT_AN_INTEGER;
  options.redirectId = Number(id);
  return server.clients.rowOf(options.redirectId) === undefined ? NO_REDIRECTION_TARGET : '';
}

/** Why the options do not go together, or not with those in force; '' if they do. */
function conflictOf({ bcast, optin, optout, prefixes }: Options, old: Tracking | null): string {
  if (prefixes.length > 0 && !bcast) return PREFIX_WITHOUT_BCAST;
  if (old !== null && old.bcast !== bcast) return BCAST_SWITCHED;
  if (bcast && (optin || optout)) return OPT_WITH_BCAST;
  if (optin && optout) return OPTIN_WITH_OPTOUT;
  if (old !== null && ((optin && old.optout) || (optout && old.optin))) return OPT_SWITCHED;
  return overlapOf(prefixes, old === null ? [] : [...old.prefixes].sort());
}

/** The error for two prefixes one of which is the start of the other, or ''. */
function overlapOf(prefixes: readonly string[], old: readonly string[]): string {
  for (const [i, prefix] of prefixes.entries()) {
    const overlaps = (other: string) => prefix.startsWith(other) || other.startsWith(prefix);
    const before = old.find(overlaps);
    if (before !== undefined) return prefixOverlaps(prefix, before);
    const beside = prefixes.slice(i + 1).find(overlaps);
    if (beside !== undefined) return prefixOverlapsAnother(prefix, beside);
  }
  return '';
}

export const CLIENT_TRACKINGINFO = command({
  name: 'client|trackinginfo',
  group: 'connection',
  since: '6.2.0',
  summary: 'How tracking is set for the connection',
  complexity: 'O(1)',
  arity: 2,
  flags: NOSCRIPT | LOADING | STALE,
  help: ['TRACKINGINFO', '    How tracking is set for this connection.'],
  run: runClientTrackinginfo,
});

function runClientTrackinginfo(c: Context): void {
  const { reply } = c;
  const tracking = c.server.knownClient()?.tracking ?? null;
  const flags = tracking === null ? ['off'] : flagsOf(tracking);
  reply.map(3);
  reply.bulkText('flags');
  reply.set(flags.length);
  for (const flag of flags) reply.bulkText(flag);
  reply.bulkText('redirect');
  reply.integer(tracking?.redirectId ?? -1);
  reply.bulkText('prefixes');
  const prefixes = [...(tracking?.prefixes ?? [])].sort();
  reply.array(prefixes.length);
  for (const prefix of prefixes) reply.bulkText(prefix);
}

function flagsOf({ bcast, optin, optout, caching, noloop, broken }: Tracking): string[] {
  const flags: readonly (readonly [boolean, string])[] = [
    [true, 'on'],
    [bcast, 'bcast'],
    [optin, 'optin'],
    [optin && caching, 'caching-yes'],
    [optout, 'optout'],
    [optout && caching, 'caching-no'],
    [noloop, 'noloop'],
    [broken, 'broken_redirect'],
  ];
  return flags.filter(([isSet]) => isSet).map(([, name]) => name);
}
