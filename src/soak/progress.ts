// How far a run is: a bar on a terminal, a line every few seconds elsewhere.
import { Presets, SingleBar } from 'cli-progress';
import type { Sample } from './run.ts';

export interface Progress {
  show(sample: Sample, fraction: number): void;
  stop(): void;
}

const FORMAT =
  '{bar} {phase}: {connections} connections, {commands}/s, p99 {p99} ms, server {rss} MB, {cpus} CPUs';
const STEPS = 1000;
const LINE_SEC = 5;

export function progressOf(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? barOn(stream) : linesOn(stream);
}

function figuresOf(sample: Sample) {
  return {
    phase: sample.phase,
    connections: sample.connections,
    commands: Math.round(sample.commandsPerSec + sample.messagesPerSec),
    p99: sample.p99Ms?.toFixed(2) ?? '-',
    rss: Math.round(sample.rssBytes / 1e6),
    cpus: sample.cpus.toFixed(2),
  };
}

function barOn(stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar(
    { format: FORMAT, stream, barsize: 20, hideCursor: true },
    Presets.shades_classic,
  );
  let begun = false;
  return {
    show(sample, fraction) {
      if (!begun) bar.start(STEPS, 0, figuresOf(sample));
      begun = true;
      bar.update(Math.round(fraction * STEPS), figuresOf(sample));
    },
    stop: () => bar.stop(),
  };
}

function linesOn(stream: NodeJS.WriteStream): Progress {
  let phase = '';
  let atSec = Number.NEGATIVE_INFINITY;
  return {
    show(sample, fraction) {
      if (sample.phase === phase && sample.seconds - atSec < LINE_SEC && fraction < 1) return;
      phase = sample.phase;
      atSec = sample.seconds;
      const { connections, commands, p99, rss, cpus } = figuresOf(sample);
      const percent = `${Math.round(fraction * 100)} %`;
      stream.write(
        `${phase} ${percent}: ${connections} connections, ${commands}/s, p99 ${p99} ms, server ${rss} MB, ${cpus} CPUs\n`,
      );
    },
    stop: () => {},
  };
}
