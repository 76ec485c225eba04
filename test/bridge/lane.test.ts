// A lane whose frames must not be published: replies end their connections, everything else arrives as it was written.
import { expect, it } from 'vitest';
import * as abi from '../../src/bridge/abi.ts';
import { Lane } from '../../src/bridge/lane.ts';

const OUT_BYTES = 4096;
const MESSAGE = Buffer.from('a message for two');
const TARGETS = Int32Array.of(7, 1, 8, 1);

function laneThat(mayPublish: () => boolean): Lane {
  const buffers = {
    ctl: new ArrayBuffer(abi.CTL_WORDS * 4),
    req: new ArrayBuffer(1024),
    desc: new ArrayBuffer(1024),
    out: new ArrayBuffer(OUT_BYTES),
  };
  return new Lane(0, buffers, { reserve: () => {}, flush: () => {} }, mayPublish);
}

/** A frame of a reply whose bytes look like frames themselves. */
function reply(lane: Lane, slot: number, bytes: number, isPart: boolean): void {
  const at = lane.openFrame(abi.FRAME_DATA, slot, 1, bytes);
  new Int32Array(lane.out.buffer, at, bytes >> 2).fill(abi.FRAME_WRAP);
  if (isPart) lane.closePart(at + bytes);
  else lane.closeFrame(at + bytes);
}

/** Kind and slot of each frame from position `from` to what is published; a message with its bytes. */
function framesFrom(lane: Lane, from: number): (string | number)[][] {
  const words = new Int32Array(lane.out.buffer);
  const end = Atomics.load(lane.ctl, abi.OUT_HEAD);
  const found: (string | number)[][] = [];
  for (let at = from; at !== end; ) {
    const place = at & (OUT_BYTES - 1);
    const [kind, length, slot] = words.subarray(place >> 2) as unknown as [number, number, number];
    if (kind === abi.FRAME_WRAP) {
      at += OUT_BYTES - place;
      continue;
    }
    const isControl = kind === abi.FRAME_CLOSE_NOW || kind === abi.FRAME_SELECT_DB;
    const bytes = isControl ? 0 : length;
    const start = place + abi.FRAME_HEADER_BYTES;
    found.push([kind, slot, Buffer.from(lane.out.slice(start, start + bytes)).toString()]);
    at += abi.FRAME_HEADER_BYTES + ((bytes + 7) & ~7) + (kind === abi.FRAME_MESSAGE ? slot * 8 : 0);
  }
  return found;
}

it.each([0, 1000, 3800])('drops replies, whole or in parts, and nothing else (%i bytes on)', (offset) => {
  let mayPublish = true;
  const lane = laneThat(() => mayPublish);
  reply(lane, 1, offset, false);
  lane.publish();
  Atomics.store(lane.ctl, abi.OUT_TAIL, Atomics.load(lane.ctl, abi.OUT_HEAD));
  const from = Atomics.load(lane.ctl, abi.OUT_HEAD);
  mayPublish = false;
  reply(lane, 2, 400, true);
  lane.control(abi.FRAME_SELECT_DB, 3, 1, 5);
  reply(lane, 2, 200, false);
  lane.message(MESSAGE, TARGETS);
  reply(lane, 4, 16, false);
  lane.publish();
  expect(framesFrom(lane, from)).toEqual([
    [abi.FRAME_CLOSE_NOW, 2, ''],
    [abi.FRAME_SELECT_DB, 3, ''],
    [abi.FRAME_CLOSE_NOW, 2, ''],
    [abi.FRAME_MESSAGE, 2, MESSAGE.toString()],
    [abi.FRAME_CLOSE_NOW, 4, ''],
  ]);
});
