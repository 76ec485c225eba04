// Secrets in commands: which arguments the slow log and MONITOR must not show.
import type { Config } from '../config/config.ts';
import type { Args } from './args.ts';

const REDACTED = '(redacted)';

/** Argument `i` with one character for each byte; a stand-in for a secret. */
export type ShowArgument = (i: number) => string;

/** How to show the arguments of the command called `name` ('config|set') to somebody who may not know its secrets. */
export function withoutSecrets(name: string, args: Args, config: Config): ShowArgument {
  const isSecret = secretsOf(name, args, config);
  return isSecret === null ? (i) => args.text(i) : (i) => (isSecret(i) ? REDACTED : args.text(i));
}

function secretsOf(name: string, args: Args, config: Config): ((i: number) => boolean) | null {
  switch (name) {
    case 'auth':
      return (i) => i > 0;
    case 'acl|setuser':
      return (i) => i > 1;
    case 'config|set':
      return (i) => i > 2 && i % 2 === 1 && config.isSensitive(args.text(i - 1));
    case 'hello':
      return afterOption(args, 2, 'auth', 2);
    case 'migrate':
      return either(afterOption(args, 6, 'auth', 1), afterOption(args, 6, 'auth2', 2));
    default:
      return null;
  }
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
