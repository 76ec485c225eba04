// Which commands have a reply and an effect that do not depend on luck, on the clock or on hundreds of megabytes.

const SOON_MS = 1_000_000;
const SOON_SECONDS = SOON_MS / 1000;
/** Past points in time are all far in the past: anything between these two could be now. */
const NOW_FROM_SECONDS = 1_600_000_000;
const NOW_TO_SECONDS = 2_100_000_000;
const HUGE_OFFSET = 2 ** 24;
const PAST_LIMIT = 2 ** 32;
const PAST_STRING_LIMIT = 2 ** 29;

const number = (arg: Buffer | undefined): number => {
  const text = arg?.toString('latin1') ?? '';
  return /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
};

const within = (value: number, from: number, to: number): boolean => value > from && value < to;
const runsOut = (value: number, unit: number): boolean => within(value, 0, SOON_SECONDS * unit);
const isAboutNow = (value: number, unit: number): boolean =>
  within(value, NOW_FROM_SECONDS * unit, NOW_TO_SECONDS * unit);

/** Whether a relative time (`at` false) or a point in time (`at` true) would run out while the test runs. */
function isRisky(arg: Buffer | undefined, unit: number, at: boolean): boolean {
  return at ? isAboutNow(number(arg), unit) : runsOut(number(arg), unit);
}

const TIME_COMMANDS: Record<string, { position: number; unit: number; at: boolean }> = {
  SETEX: { position: 2, unit: 1, at: false },
  PSETEX: { position: 2, unit: 1000, at: false },
  EXPIRE: { position: 2, unit: 1, at: false },
  PEXPIRE: { position: 2, unit: 1000, at: false },
  EXPIREAT: { position: 2, unit: 1, at: true },
  PEXPIREAT: { position: 2, unit: 1000, at: true },
};

const TIME_OPTIONS: Record<string, { unit: number; at: boolean }> = {
  EX: { unit: 1, at: false },
  PX: { unit: 1000, at: false },
  EXAT: { unit: 1, at: true },
  PXAT: { unit: 1000, at: true },
};

export interface TimeRules {
  /** False: only points in time may be set, so that PEXPIRETIME can be compared exactly. */
  readonly relativeTimes: boolean;
  /** False: no key may be stored that has run out already; it would be counted until somebody happens to touch it. */
  readonly lingering: boolean;
}

/** False for a time that the rules forbid, and for one that is about to run out. */
function timesAreRepeatable(name: string, args: readonly Buffer[], rules: TimeRules): boolean {
  const forbidden = (time: number, at: boolean): boolean => {
    if (at)
      return !rules.lingering && time > 0 && time < NOW_FROM_SECONDS && TIME_COMMANDS[name] === undefined;
    return !rules.relativeTimes && time > 0;
  };
  const risky = (arg: Buffer | undefined, unit: number, at: boolean): boolean =>
    isRisky(arg, unit, at) || forbidden(number(arg) / (at ? unit : 1), at);
  const command = TIME_COMMANDS[name];
  if (command) return !risky(args[command.position], command.unit, command.at);
  if (name !== 'SET' && name !== 'GETEX') return true;
  return args.every((arg, i) => {
    const option = arg.length > 4 ? undefined : TIME_OPTIONS[arg.toString('latin1').toUpperCase()];
    return option === undefined || !risky(args[i + 1], option.unit, option.at);
  });
}

/** False for an offset that the servers accept but that costs hundreds of megabytes. */
function sizesAreModest(name: string, args: readonly Buffer[]): boolean {
  if (name === 'SETRANGE') return !within(number(args[2]), HUGE_OFFSET, PAST_STRING_LIMIT);
  if (name === 'SETBIT') return !within(number(args[2]), HUGE_OFFSET, PAST_LIMIT);
  if (name !== 'BITFIELD') return true;
  return args.every((arg) => {
    const scaled = arg[0] === 0x23;
    const offset = number(scaled ? arg.subarray(1) : arg);
    return !(scaled ? within(offset, HUGE_OFFSET / 64, PAST_LIMIT) : within(offset, HUGE_OFFSET, PAST_LIMIT));
  });
}

/** False for a SORT that goes by what is no pattern: the order is then that of the value, which a set does not have. */
function sortsAlike(name: string, args: readonly Buffer[]): boolean {
  if (name !== 'SORT' && name !== 'SORT_RO') return true;
  const words = args.map((arg) => arg.toString('latin1').toUpperCase());
  const by = words.indexOf('BY');
  return by < 0 || words[by + 1] === 'NOSORT' || words[by + 1]?.includes('*') === true;
}

export function isRepeatable(args: readonly Buffer[], rules: TimeRules): boolean {
  const name = args[0]?.toString('latin1').toUpperCase() ?? '';
  return timesAreRepeatable(name, args, rules) && sizesAreModest(name, args) && sortsAlike(name, args);
}
