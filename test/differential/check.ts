// How two replies to the same command are compared. Most must be equal byte for byte; what is random or depends on the
// clock is compared by class. An error is always compared exactly.
import { decodeReply, type Reply, replyEnd } from '../support/resp.ts';

/**
 * - `exact`: the same bytes
 * - `unordered`: an array, set or map with the same elements in any order
 * - `pairs`: a flat array of pairs, or a map, with the same pairs in any order
 * - `sorted`: exact, but texts with zero bytes, of which C's collation sees the beginning, may stand anywhere
 * - `weighed`: exact, but the reference may say of numbers that they are none: it looks at an error that an earlier
 *   command left behind in errno
 * - `encoding`: names of encodings; Redis 7.2 has listpacks where 7.0 has quicklists and tables
 * - `ages`: the same structure and texts, integers as in `near`
 * - `near`: integers at most 5,000 apart, or exactly equal when either is negative
 * - `shape`: the same structure, whatever the values
 * - `type`: the same first byte
 * - `hello`: HELLO's map, without what identifies the server
 * - `member`: null on both sides, or a key that exists; the runner looks it up
 * - `slowlog`: entries of SLOWLOG GET, by their arguments
 * - `exec`: the reply of EXEC; each element by the class of the command that was queued
 */
export type Check =
  | 'exact'
  | 'unordered'
  | 'pairs'
  | 'sorted'
  | 'weighed'
  | 'encoding'
  | 'ages'
  | 'near'
  | 'shape'
  | 'type'
  | 'hello'
  | 'member'
  | 'slowlog'
  | 'exec';

const ERROR = 45;
const NEAR = 5000;
const SLOWLOG_ARGUMENTS = 3;

/** The raw elements of an array, set, push or map; null for another kind of reply. */
export function elementsOf(reply: Buffer): Buffer[] | null {
  const type = String.fromCharCode(reply[0]!);
  if (!'*~>%'.includes(type)) return null;
  const eol = reply.indexOf('\r\n');
  const elements: Buffer[] = [];
  for (let at = eol + 2; at < reply.length; ) {
    const end = replyEnd(reply, at);
    elements.push(reply.subarray(at, end));
    at = end;
  }
  return elements;
}

/** Structure of a reply: types, and lengths of aggregates. */
function shapeOf(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(shapeOf);
  if (reply instanceof Map) return [...reply].map(([name, item]) => [name, shapeOf(item)]);
  return reply === null ? 'null' : typeof reply;
}

function unordered(reply: Buffer): string {
  const elements = elementsOf(reply);
  if (!elements) return reply.toString('latin1');
  const texts = elements.map((element) => element.toString('latin1'));
  if (reply[0] === 0x25) {
    const pairs = texts.flatMap((text, i) => (i % 2 === 0 ? [text + texts[i + 1]] : []));
    return `%${pairs.sort().join('')}`;
  }
  return `${String.fromCharCode(reply[0]!)}${texts.sort().join('')}`;
}

const text = (reply: Buffer): string => reply.toString('latin1');
const NOT_NUMBERS = "-ERR One or more scores can't be converted";
const COMPACT_SINCE = new Set(['$9\r\nquicklist\r\n', '$9\r\nhashtable\r\n']);

/** An array without the elements that hold a zero byte. */
function withoutCut(reply: Buffer): string {
  return (elementsOf(reply)?.map(text) ?? [text(reply)])
    .filter((element) => !element.includes('\0'))
    .join('');
}

function pairs(reply: Buffer): string {
  const elements = elementsOf(reply)?.map(text);
  if (!elements) return text(reply);
  const joined = elements.flatMap((element, i) => (i % 2 === 0 ? [element + elements[i + 1]] : []));
  return `${String.fromCharCode(reply[0]!)}${joined.sort().join('')}`;
}

function sameButAges(left: Reply, right: Reply): boolean {
  if (typeof left === 'number' && typeof right === 'number') {
    return left === right || (left >= 0 && right >= 0 && Math.abs(left - right) <= NEAR);
  }
  if (!Array.isArray(left) || !Array.isArray(right)) return JSON.stringify(left) === JSON.stringify(right);
  return left.length === right.length && left.every((item, i) => sameButAges(item, right[i]!));
}

function near(left: Buffer, right: Buffer): boolean {
  const [a, b] = [decodeReply(left), decodeReply(right)];
  const isInteger = (value: Reply): value is number | bigint =>
    typeof value === 'number' || typeof value === 'bigint';
  if (!isInteger(a) || !isInteger(b) || a < 0 || b < 0) return false;
  const apart = BigInt(a) - BigInt(b);
  return apart <= NEAR && apart >= -NEAR;
}

/** HELLO's reply as text, with the values that differ from server to server blanked. */
function hello(reply: Buffer): string {
  const decoded = decodeReply(reply);
  const flat = decoded instanceof Map ? [...decoded].flat() : Array.isArray(decoded) ? decoded : [decoded];
  const masked = flat.map((item, i) =>
    ['server', 'version', 'id'].includes(String(flat[i - 1])) ? '?' : item,
  );
  return JSON.stringify([String.fromCharCode(reply[0]!), masked]);
}

function slowlog(reply: Buffer): string {
  const entries = elementsOf(reply);
  const parts = entries?.map((entry) => elementsOf(entry)?.[SLOWLOG_ARGUMENTS]?.toString('latin1') ?? '?');
  return parts ? parts.join('') : reply.toString('latin1');
}

/** Whether the reply to the command at this place of a transaction is the same on both sides. */
export type SameQueued = (place: number, left: Buffer, right: Buffer) => boolean;

/** Whether two replies are the same as far as `check` asks. `queued` looks at the commands that EXEC ran. */
export function sameReply(check: Check, left: Buffer, right: Buffer, queued: SameQueued): boolean {
  if (left.equals(right)) return true;
  if (check === 'weighed') return text(left).startsWith(NOT_NUMBERS) && right[0] !== ERROR;
  if (left[0] === ERROR || right[0] === ERROR) return false;
  switch (check) {
    case 'exact':
      return false;
    case 'unordered':
      return unordered(left) === unordered(right);
    case 'pairs':
      return pairs(left) === pairs(right);
    case 'sorted':
      return withoutCut(left) === withoutCut(right);
    case 'encoding':
      return COMPACT_SINCE.has(text(left)) && text(right) === '$8\r\nlistpack\r\n';
    case 'ages':
      return sameButAges(decodeReply(left), decodeReply(right));
    case 'near':
      return near(left, right);
    case 'shape':
      return JSON.stringify(shapeOf(decodeReply(left))) === JSON.stringify(shapeOf(decodeReply(right)));
    case 'type':
    case 'member':
      return left[0] === right[0] && left.includes('$-1') === right.includes('$-1');
    case 'hello':
      return hello(left) === hello(right);
    case 'slowlog':
      return slowlog(left) === slowlog(right);
    case 'exec':
      return sameExec(left, right, queued);
  }
}

function sameExec(left: Buffer, right: Buffer, queued: SameQueued): boolean {
  const [a, b] = [elementsOf(left), elementsOf(right)];
  if (!a || !b || a.length !== b.length) return false;
  return a.every((element, i) => queued(i, element, b[i]!));
}
