// How far the run is: a bar on a terminal, a line for each step elsewhere.
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  begin(what: string): void;
  /** The step just begun is over, with these faults. */
  end(faults: readonly string[]): void;
  stop(): void;
}

export function progressBar(steps: number): Progress {
  return process.stderr.isTTY ? barOf(steps) : linesOf(steps);
}

function barOf(steps: number): Progress {
  const format = '{bar} {value}/{total} {what} ({eta_formatted} left, {failed} failed)';
  const bar = new SingleBar({ format, etaBuffer: 30 }, Presets.shades_classic);
  let failed = 0;
  bar.start(steps, 0, { what: '', failed });
  return {
    begin: (what) => bar.update({ what }),
    end: (faults) => bar.increment({ failed: (failed += faults.length > 0 ? 1 : 0) }),
    stop: () => bar.stop(),
  };
}

function linesOf(steps: number): Progress {
  let step = 0;
  let present = '';
  return {
    begin: (what) => (present = what),
    end: (faults) =>
      console.log(`${++step}/${steps} ${present}: ${faults.length === 0 ? 'ok' : faults.join('; ')}`),
    stop: () => {},
  };
}
