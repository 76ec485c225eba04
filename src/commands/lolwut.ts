// LOLWUT: a picture of what the server is named after, the wheel in a millrace, never twice the same; and its version.

import type { Random } from '../base/random.ts';
import { MILLRACE_VERSION, REDIS_VERSION, SERVER_NAME } from '../base/version.ts';
import { NOT_AN_INTEGER } from '../resp/errors.ts';
import type { Context } from './context.ts';
import { type CommandSpec, command, FAST, READONLY } from './spec.ts';

const COLUMNS = 64;
const ROWS = 15;
const CENTER_ROW = 7;
const CENTER_COLUMN = 24;
const RADIUS = 6;
const SPOKES = 8;
/** A character is about twice as high as it is wide. */
const ASPECT = 2;
const WATER_ROW = 11;

const LOLWUT = command({
  name: 'lolwut',
  group: 'server',
  since: '5.0.0',
  summary: 'A picture, and the version of the server',
  arity: -1,
  flags: READONLY | FAST,
  syntax: '[VERSION version:integer]',
  run: runLolwut,
});

/** Versions that drew something take the sizes of their pictures; the wheel has one size. Others give the last line alone. */
function runLolwut(c: Context): void {
  const { args } = c;
  let picture = args.count === 1;
  if (args.count >= 3 && args.is(1, 'version')) {
    const version = args.int64(2);
    const sizes = version === 5n ? 3 : version === 6n ? 2 : 0;
    picture = sizes > 0;
    if (version === null || !areIntegers(c, 3, 3 + sizes)) {
      c.reply.error(NOT_AN_INTEGER);
      return;
    }
  }
  const name = `Redis ver. ${REDIS_VERSION} (${SERVER_NAME} ${MILLRACE_VERSION})\n`;
  c.reply.verbatim('txt', picture ? `${wheel(c.keyspace.random)}\n${name}` : name);
}

/** Whether arguments `from` … `to` - 1 are integers, as far as they are there. */
function areIntegers({ args }: Context, from: number, to: number): boolean {
  for (let i = from; i < to && i < args.count; i++) if (args.int64(i) === null) return false;
  return true;
}

/** The wheel at some angle, in water with some waves. */
function wheel(random: Random): string {
  const canvas = Array.from({ length: ROWS }, () => new Array<string>(COLUMNS).fill(' '));
  const angle = random.unit() * Math.PI;
  drawSpokes(canvas, angle);
  drawRim(canvas);
  drawWater(canvas, random.unit() * 2 * Math.PI);
  return canvas.map((row) => `${row.join('').trimEnd()}\n`).join('');
}

function drawSpokes(canvas: string[][], angle: number): void {
  for (let spoke = 0; spoke < SPOKES; spoke++) {
    const direction = angle + (spoke * 2 * Math.PI) / SPOKES;
    const mark = spokeMark(direction);
    for (let step = 0; step <= RADIUS; step += 0.25) put(canvas, direction, step, mark);
    put(canvas, direction, RADIUS + 1, '#');
  }
  canvas[CENTER_ROW]![CENTER_COLUMN] = 'O';
}

/** The character that lies most like a line in this direction. */
function spokeMark(direction: number): string {
  const eighth = Math.round((direction / Math.PI) * 4) & 3;
  return '-\\|/'[eighth]!;
}

function drawRim(canvas: string[][]): void {
  for (let direction = 0; direction < 2 * Math.PI; direction += 0.04) put(canvas, direction, RADIUS, 'o');
}

/** Waves flow over whatever stands below the surface. */
function drawWater(canvas: string[][], phase: number): void {
  for (let row = WATER_ROW; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const height = Math.sin(column / (3 + row - WATER_ROW) + phase * (row - WATER_ROW + 1));
      if (height > 0.1) canvas[row]![column] = height > 0.8 ? '=' : '~';
    }
  }
}

function put(canvas: string[][], direction: number, distance: number, mark: string): void {
  const row = Math.round(CENTER_ROW + Math.sin(direction) * distance);
  const column = Math.round(CENTER_COLUMN + Math.cos(direction) * distance * ASPECT);
  if (row >= 0 && row < ROWS && column >= 0 && column < COLUMNS) canvas[row]![column] = mark;
}

export const LOLWUT_COMMANDS: readonly CommandSpec[] = [LOLWUT];
