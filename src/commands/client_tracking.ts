// CLIENT TRACKING and what belongs to it. There is no tracking yet: the options are checked as the reference checks them, and
// turning it on is refused, because a client that believes in invalidations that never come would read stale data.
import {
  CACHING_WITHOUT_TRACKING,
  NO_REDIRECTION_TARGET,
  NOT_AN_INTEGER,
  ONE_REDIRECTION,
  OPT_WITH_BCAST,
  OPTIN_WITH_OPTOUT,
  PREFIX_WITHOUT_BCAST,
  SYNTAX,
  TRACKING_UNAVAILABLE,
} from '../resp/errors.ts';
import { allViews } from './client_view.ts';
import type { Context } from './context.ts';
import { command, LOADING, NOSCRIPT, STALE } from './spec.ts';

interface TrackingOptions {
  redirect: bigint;
  hasPrefix: boolean;
  bcast: boolean;
  optin: boolean;
  optout: boolean;
}

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
  c.reply.error(CACHING_WITHOUT_TRACKING);
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
  c.reply.integer(-1);
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

function runClientTracking(c: Context): void {
  const { args, reply } = c;
  const options: TrackingOptions = {
    redirect: 0n,
    hasPrefix: false,
    bcast: false,
    optin: false,
    optout: false,
  };
  let refusal = readOptions(c, options);
  if (refusal === '' && args.is(2, 'off')) {
    reply.ok();
    return;
  }
  if (refusal === '') refusal = args.is(2, 'on') ? conflictOf(options) : SYNTAX;
  reply.error(refusal === '' ? TRACKING_UNAVAILABLE : refusal);
}

/** Fills in the options; the error that ends the command, or ''. */
function readOptions(c: Context, options: TrackingOptions): string {
  const { args } = c;
  for (let i = 3; i < args.count; i++) {
    const hasValue = i + 1 < args.count;
    if (args.is(i, 'bcast')) {
      options.bcast = true;
    } else if (args.is(i, 'optin')) {
      options.optin = true;
    } else if (args.is(i, 'optout')) {
      options.optout = true;
    } else if (args.is(i, 'prefix') && hasValue) {
      options.hasPrefix = true;
      i++;
    } else if (args.is(i, 'redirect') && hasValue) {
      const refusal = readRedirection(c, ++i, options);
      if (refusal !== '') return refusal;
    } else if (!args.is(i, 'noloop')) {
      return SYNTAX;
    }
  }
  return '';
}

function readRedirection(c: Context, i: number, options: TrackingOptions): string {
  if (options.redirect !== 0n) return ONE_REDIRECTION;
  const id = c.args.int64(i);
  if (id === null) return NOT_AN_INTEGER;
  options.redirect = id;
  return allViews(c).some(({ row }) => BigInt(row.id) === id) ? '' : NO_REDIRECTION_TARGET;
}

/** Why the options do not go together, or ''. */
function conflictOf({ hasPrefix, bcast, optin, optout }: TrackingOptions): string {
  if (hasPrefix && !bcast) return PREFIX_WITHOUT_BCAST;
  if (bcast && (optin || optout)) return OPT_WITH_BCAST;
  return optin && optout ? OPTIN_WITH_OPTOUT : '';
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

function runClientTrackinginfo({ reply }: Context): void {
  reply.map(3);
  reply.bulkText('flags');
  reply.set(1);
  reply.bulkText('off');
  reply.bulkText('redirect');
  reply.integer(-1);
  reply.bulkText('prefixes');
  reply.array(0);
}
