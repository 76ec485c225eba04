// Steps as lines that can be fed to redis-cli, and as inline commands.
import type { Difference } from './pair.ts';
import type { Sequence, Step } from './steps.ts';

const SHOWN_BYTES = 300;

/** An argument in the quoting that redis-cli and inline commands understand. */
export function quote(arg: Uint8Array): string {
  const text = Buffer.from(arg).toString('latin1');
  if (/^[A-Za-z0-9_:.*?#+-]+$/.test(text)) return text;
  const escaped = text.replace(
    /[^ !#-[\]-~]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}

export function inlineText(args: readonly Uint8Array[]): Buffer {
  return Buffer.from(`${args.map(quote).join(' ')}\r\n`, 'latin1');
}

function line(step: Step): string {
  if (step.kind === 'scan') {
    const options = step.options.map(quote).join(' ');
    const [name, ...key] = step.command.map(quote);
    return `# a whole iteration in database ${step.database}: ${[name, ...key, '0', options].join(' ')}`;
  }
  if (step.kind === 'unblock') return `# CLIENT UNBLOCK of waiter ${step.waiter} ${step.reason}`;
  if (step.kind === 'block') {
    const where = step.inTransaction ? ' in a transaction' : '';
    return `# waiter ${step.waiter}${where}: ${step.args.map(quote).join(' ')}`;
  }
  return `${step.args.map(quote).join(' ')}${step.inline ? '   # sent inline' : ''}`;
}

/** The sequence as redis-cli lines; comments say which connection, where a batch ends and where to wait. */
export function printSequence(sequence: Sequence): string {
  const lines: string[] = [];
  let connection = -1;
  for (const step of sequence.steps) {
    if (step.kind === 'command' && step.connection !== connection) {
      connection = step.connection;
      const protocol = sequence.protocols[connection as 0 | 1];
      lines.push(`# connection ${connection}, RESP${protocol}`);
    }
    lines.push(line(step));
    if (step.kind === 'command' && step.pauseMs > 0) lines.push(`# wait ${step.pauseMs} ms`);
  }
  return lines.join('\n');
}

function shown(reply: string): string {
  const text = JSON.stringify(reply).slice(1, -1);
  return text.length <= SHOWN_BYTES ? text : `${text.slice(0, SHOWN_BYTES)}… (${reply.length} bytes)`;
}

export function printDifference(difference: Difference): string {
  const { name, expected, actual } = difference;
  return `${name}\n  expected: ${shown(expected)}\n  actual:   ${shown(actual)}`;
}
