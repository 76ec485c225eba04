// Building blocks of the command grammar. A piece appends arguments; grammar/*.ts puts pieces together in tables.
import type { Check } from './check.ts';
import type { Random } from './random.ts';
import type { KeyKind } from './values.ts';
import * as values from './values.ts';

/** What a piece may look at while it draws. */
export interface Draw {
  readonly random: Random;
  /** False: this sequence sets only absolute times to live, so that PEXPIRETIME can be compared exactly. */
  readonly relativeTimes: boolean;
}

export type Piece = (draw: Draw, out: Buffer[]) => void;
export type PieceLike = Piece | string;

export interface CommandGrammar {
  /** As coverage counts it: `GET`, or `CLIENT SETNAME` with the subcommand as part of the name. */
  readonly name: string;
  readonly pieces: readonly Piece[];
  readonly check: Check;
  /** How often it is drawn, relative to the others of its family. */
  readonly weight: number;
  /** Leave its arguments as they are: a mistake could make it slow or its effect random. */
  readonly verbatim: boolean;
  /** Every reply of the reference is an error, so coverage asks for no success. */
  readonly alwaysFails: boolean;
}

export type Options = Partial<Pick<CommandGrammar, 'check' | 'weight' | 'verbatim' | 'alwaysFails'>>;

const piece = (like: PieceLike): Piece => (typeof like === 'string' ? word(like) : like);
const text = (out: Buffer[], value: string | number): void =>
  void out.push(Buffer.from(String(value), 'latin1'));

export function define(name: string, pieces: readonly PieceLike[], options: Options = {}): CommandGrammar {
  const { check = 'exact', weight = 4, verbatim = false, alwaysFails = false } = options;
  return { name, pieces: pieces.map(piece), check, weight, verbatim, alwaysFails };
}

export function word(value: string): Piece {
  return (_, out) => text(out, value);
}

export function key(kind: KeyKind = 'string'): Piece {
  return ({ random }, out) => void out.push(values.drawKey(random, kind));
}

/** One of the listed texts. */
export function from(...list: readonly (string | number)[]): Piece {
  return ({ random }, out) => text(out, random.pick(list));
}

/** Each piece with the given probability of appearing; half the time by default. */
export function opt(like: PieceLike, probability = 0.5): Piece {
  const inner = piece(like);
  return (draw, out) => {
    if (draw.random.chance(probability)) inner(draw, out);
  };
}

export function one(...likes: readonly PieceLike[]): Piece {
  const pieces = likes.map(piece);
  return (draw, out) => draw.random.pick(pieces)(draw, out);
}

export function all(...likes: readonly PieceLike[]): Piece {
  const pieces = likes.map(piece);
  return (draw, out) => {
    for (const inner of pieces) inner(draw, out);
  };
}

/** The pieces in a random order. */
export function shuffled(...likes: readonly PieceLike[]): Piece {
  const pieces = likes.map(piece);
  return (draw, out) => {
    for (const inner of draw.random.shuffle([...pieces])) inner(draw, out);
  };
}

export function many(like: PieceLike, min: number, max: number): Piece {
  const inner = piece(like);
  return (draw, out) => {
    for (let left = draw.random.between(min, max); left > 0; left--) inner(draw, out);
  };
}

/** One of some hundred short words. */
export const name: Piece = ({ random }, out) => text(out, `name:${random.below(300)}`);
export const value: Piece = ({ random }, out) => void out.push(values.drawString(random));
export const sequence: Piece = ({ random }, out) => void out.push(values.drawSequence(random));
export const integer: Piece = ({ random }, out) => text(out, random.pick(values.INTEGERS));
export const float: Piece = ({ random }, out) => text(out, random.pick(values.FLOATS));
export const pattern: Piece = ({ random }, out) => text(out, random.pick(values.PATTERNS));
export const database: Piece = from(0, 0, 0, 1, 1, 15, 15, 16, -1, 'abc', '01', '9999999999');

/** A position in a string, mostly one that exists. */
export const index: Piece = one(
  from(0, 1, 2, 3, 5, 8, 44, 64, -1, -2, -3, -5, -64),
  from(0, -1),
  from(1000, -1000, 8191, 8192, 65_535, 2_147_483_648, -2_147_483_649),
  integer,
);

/** A position among few elements. */
export const position: Piece = one(
  from(0, 1, 2, 3, 5, -1, -2, -3),
  from(0, -1),
  from(10, 100, -10, -100, 'x', '', '1.5'),
  integer,
);

/** Seconds to live: long, past or wrong; `drawSequence` refuses what could run out during the test. */
export const ttlSeconds: Piece = relative(values.LONG_SECONDS, values.FAR_SECONDS, 1);
export const ttlMillis: Piece = relative(values.LONG_SECONDS, values.FAR_SECONDS, 1000);
export const atSeconds: Piece = one(
  from(...values.FAR_SECONDS),
  from(...values.FAR_SECONDS),
  from(1, 1_000_000),
  integer,
);
export const atMillis: Piece = one(
  from(...values.FAR_SECONDS.map((seconds) => seconds * 1000 + 123)),
  from(...values.FAR_SECONDS.map((seconds) => seconds * 1000 + 500)),
  from(1, 1_000_000),
  integer,
);

function relative(long: readonly number[], far: readonly number[], unit: number): Piece {
  const bad = from(0, -1, -1000, 'abc', '', '1.5', '9223372036854775807', '-9223372036854775808');
  const good = from(99_999_999_999_999, ...[...long, ...far].map((seconds) => seconds * unit));
  return (draw, out) => (draw.relativeTimes && draw.random.chance(0.8) ? good : bad)(draw, out);
}

/** The time-to-live options that SET and GETEX share. */
export const ttlOption: Piece = (draw, out) => {
  const absolute = one(all('EXAT', atSeconds), all('PXAT', atMillis));
  const any = one(all('EX', ttlSeconds), all('PX', ttlMillis), absolute);
  (draw.relativeTimes ? any : absolute)(draw, out);
};
