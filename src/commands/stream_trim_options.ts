// The options that XADD and XTRIM share: how far to trim, and what XADD has before the id.
import type { Ref } from '../arena/arena.ts';
import {
  INVALID_STREAM_ID,
  LIMIT_NEEDS_APPROXIMATION,
  LIMIT_NEEDS_STRATEGY,
  MAXLEN_NEGATIVE,
  NOT_AN_INTEGER,
  SYNTAX,
  TRIM_LIMIT_NEGATIVE,
  TWO_TRIM_STRATEGIES,
  XTRIM_WITHOUT_STRATEGY,
} from '../resp/errors.ts';
import { DROP_REFERENCES, IF_ACKNOWLEDGED, KEEP_REFERENCES } from '../types/stream_references.ts';
import { BY_ID, BY_LENGTH, BY_NOTHING } from '../types/stream_trim.ts';
import type { Context } from './context.ts';
import { ID_INVALID, idOr, LOWEST, parseId } from './stream_ids.ts';
import { readSent, sentWords } from './stream_producers.ts';
import { logId } from './stream_reply.ts';

const STAR = 42;
const EQUAL = 61;
const TILDE = 126;
/** Nodes that may go at once unless the command says something else, and bounds in entries. */
const NODES_AT_ONCE = 100;
const LIMIT_WITHOUT_NODES = 10000;
const LIMIT_MAX = 1000000;

/**
 * Reads the options from argument 2 on into `streams.trimmer`. For XADD up to the id, whose index it returns; for XTRIM all
 * arguments. -1 after an error reply.
 */
export function parseTrim(c: Context, adding: boolean): number {
  const { args } = c;
  const { appending, trimmer } = c.keyspace.streams;
  trimmer.by = BY_NOTHING;
  appending.makesStream = true;
  appending.producerAt = 0;
  if (adding && isByte(c, 2, STAR)) return 2;
  trimmer.approximate = false;
  trimmer.limit = 0;
  trimmer.references = KEEP_REFERENCES;
  let limitAt = 0;
  let references = -1;
  let i = 2;
  for (; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (adding && isByte(c, i, STAR)) break;
    const by = more > 0 ? strategyOf(c, i) : BY_NOTHING;
    if (by !== BY_NOTHING) {
      i = parseStrategy(c, i, by);
      if (i < 0) return -1;
    } else if (more > 0 && args.is(i, 'limit')) {
      trimmer.limit = atLeastZeroOr(c, ++i, TRIM_LIMIT_NEGATIVE);
      if (trimmer.limit < 0) return -1;
      limitAt = i;
    } else if (references < 0 && (references = referencesOf(c, i)) >= 0) {
      trimmer.references = references;
    } else if (!adding) {
      return refuse(c, SYNTAX);
    } else if (args.is(i, 'nomkstream')) {
      appending.makesStream = false;
    } else {
      const words = sentWords(c, i);
      if (words > 0) {
        const problem = readSent(c, i, words);
        if (problem !== null) return refuse(c, problem);
        i += words - 1;
        continue;
      }
      const { id } = c.keyspace.streams;
      if (parseId(args.bytes, args.at(i), args.length(i), LOWEST, id) === ID_INVALID)
        return refuse(c, INVALID_STREAM_ID);
      break;
    }
  }
  return checkLimit(c, adding, limitAt > 0) ? i : -1;
}

/** What argument `i` says about references of groups; -1 if nothing. */
export function referencesOf(c: Context, i: number): number {
  if (c.args.is(i, 'keepref')) return KEEP_REFERENCES;
  if (c.args.is(i, 'delref')) return DROP_REFERENCES;
  return c.args.is(i, 'acked') ? IF_ACKNOWLEDGED : -1;
}

/** By what argument `i` says to trim. */
function strategyOf(c: Context, i: number): number {
  if (c.args.is(i, 'maxlen')) return BY_LENGTH;
  return c.args.is(i, 'minid') ? BY_ID : BY_NOTHING;
}

/** Reads MAXLEN or MINID at argument `i`; the index of the last argument that belongs to it, -1 after an error reply. */
function parseStrategy(c: Context, i: number, by: number): number {
  const { args } = c;
  const { trimmer } = c.keyspace.streams;
  if (trimmer.by !== BY_NOTHING) return refuse(c, TWO_TRIM_STRATEGIES);
  trimmer.approximate = false;
  if (args.count - 1 - i >= 2 && (isByte(c, i + 1, TILDE) || isByte(c, i + 1, EQUAL))) {
    trimmer.approximate = isByte(c, i + 1, TILDE);
    i++;
  }
  trimmer.by = by;
  if (by === BY_ID) return idOr(c, i + 1, trimmer.idMin) ? i + 1 : -1;
  trimmer.lengthMax = atLeastZeroOr(c, i + 1, MAXLEN_NEGATIVE);
  return trimmer.lengthMax < 0 ? -1 : i + 1;
}

function checkLimit(c: Context, adding: boolean, isGiven: boolean): boolean {
  const { limits, streams } = c.keyspace;
  const { trimmer } = streams;
  if (trimmer.by === BY_NOTHING && trimmer.limit > 0) return refuse(c, LIMIT_NEEDS_STRATEGY) > 0;
  if (trimmer.by === BY_NOTHING && !adding) return refuse(c, XTRIM_WITHOUT_STRATEGY) > 0;
  if (c.fromLog) trimmer.limit = 0;
  if (isGiven) return c.fromLog || trimmer.approximate || refuse(c, LIMIT_NEEDS_APPROXIMATION) > 0;
  if (trimmer.approximate) {
    const limit = NODES_AT_ONCE * limits.streamNodeMaxEntries;
    trimmer.limit = limit <= 0 ? LIMIT_WITHOUT_NODES : Math.min(limit, LIMIT_MAX);
  }
  return true;
}

/** Words of `logTrim` with the command's name and the key, and `others` besides. */
export function trimWords(c: Context, others: number, end: number): number {
  let words = others;
  for (let i = 2; i < end; ) {
    if (c.args.is(i, 'limit')) {
      i += 2;
    } else {
      const own = sentWords(c, i) || 1;
      words += own;
      i += own;
    }
  }
  return words;
}

/**
 * Logs the key and the options up to argument `end`, with an exact bound in the place of one that left it open how much
 * goes: the length of the stream as it is now, or its first id.
 */
export function logTrim(c: Context, stream: Ref, end: number): void {
  const { args, effects } = c;
  effects.arg(1);
  for (let i = 2; i < end; ) {
    if (args.is(i, 'limit')) {
      i += 2;
    } else if (strategyOf(c, i) !== BY_NOTHING) {
      logBound(c, stream, i);
      i += 3;
    } else {
      for (let left = sentWords(c, i) || 1; left > 0; left--) effects.arg(i++);
    }
  }
}

/** The bound in arguments `i` and behind it. Where groups keep entries, only a length says what went. */
function logBound(c: Context, stream: Ref, i: number): void {
  const { args, effects, keyspace } = c;
  const { streams } = keyspace;
  const { trimmer } = streams;
  if (trimmer.by === BY_LENGTH || trimmer.references === IF_ACKNOWLEDGED) {
    if (args.is(i, 'maxlen')) effects.arg(i);
    else effects.text('MAXLEN');
    effects.text('=').number(streams.length(stream));
    return;
  }
  streams.readEdge(stream, true, streams.edgeId);
  effects.arg(i).text('=');
  logId(c, streams.edgeId);
}

/** Argument `i` as an integer that is not negative, rounded beyond 2^53; -1 after an error reply. */
function atLeastZeroOr(c: Context, i: number, negative: string): number {
  const small = c.args.int(i);
  if (small >= 0) return small;
  const value = c.args.int64(i);
  if (value === null) return refuse(c, NOT_AN_INTEGER);
  return value < 0n ? refuse(c, negative) : Number(value);
}

function isByte(c: Context, i: number, byte: number): boolean {
  return c.args.length(i) === 1 && c.args.bytes[c.args.at(i)] === byte;
}

function refuse(c: Context, text: string): number {
  c.reply.error(text);
  return -1;
}
