// Secrets in commands: which arguments the slow log and MONITOR must not show. As in the reference, a command that makes no
// sense is shown as it is.
import type { Config } from '../config/config.ts';
import type { Args } from './args.ts';

const REDACTED = '(redacted)';

/** Argument `i`, or its first `most` bytes, with one character for each byte; a stand-in for a secret. */
export type ShowArgument = (i: number, most?: number) => string;

/** How to show the arguments of the command called `name` ('config|set') to somebody who may not know its secrets. */
export function withoutSecrets(name: string, args: Args, config: Config): ShowArgument {
  const isSecret = secretsOf(name, args, config);
  const show: ShowArgument = (i, most) => args.text(i, most);
  return isSecret === null ? show : (i, most) => (isSecret(i) ? REDACTED : show(i, most));
}

function secretsOf(name: string, args: Args, config: Config): ((i: number) => boolean) | null {
  switch (name) {
    case 'auth':
      return args.count > 3 ? null : (i) => i > 0;
    case 'acl|setuser':
      return (i) => i > 1;
    case 'config|set':
      return (i) => i > 2 && i % 2 === 1 && config.isSensitive(args.text(i - 1));
    case 'hello':
      return secretsOfHello(args);
    case 'migrate':
      return either(afterOption(args, 6, 'auth', 1), afterOption(args, 6, 'auth2', 2));
    default:
      return null;
  }
}

/** User and password behind AUTH, as far as the options make sense. */
function secretsOfHello(args: Args): ((i: number) => boolean) | null {
  const version = args.count > 1 ? args.int(1) : Number.NaN;
  if (version !== 2 && version !== 3) return null;
  const secrets = new Set<number>();
  for (let i = 2; i < args.count; ) {
    if (args.is(i, 'auth') && i + 2 < args.count) {
      secrets.add(i + 1).add(i + 2);
      i += 3;
    } else if (args.is(i, 'setname') && i + 1 < args.count) {
      i += 2;
    } else {
      break;
    }
  }
  return (i) => secrets.has(i);
}

/** The `count` arguments after the option, which stands at `from` or later. */
function afterOption(args: Args, from: number, option: string, count: number): (i: number) => boolean {
  let at = from;
  while (at < args.count && !args.is(at, option)) at++;
  return (i) => i > at && i <= at + count;
}

function either(a: (i: number) => boolean, b: (i: number) => boolean): (i: number) => boolean {
  return (i) => a(i) || b(i);
}
