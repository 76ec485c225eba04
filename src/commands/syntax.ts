// The arguments of a command in one line, and what follows from it: the tree that COMMAND DOCS prints, and
// the arity.
//
//   key [NX | XX]^2.6.12 [EX seconds:integer | KEEPTTL] (score:double member)+
//
//   name            an argument, given as name[:type]; without type a key if its name is `key`, a pattern if
//                   `pattern`, else a string
//   TOKEN           a word to be typed as it stands; it begins with no lower-case letter; "" is the empty one
//   TOKEN x         a token belongs to the name or group after it and introduces it
//   ( … )           a group: a block of arguments in sequence, or one of several when `|` divides them
//   [ … ]           the same, optional; around a single argument it makes that one optional
//   label=          in front of a token or bracket names it; else a token is called after itself in lower
//                   case, a group after its parts joined by `_`
//   +   ++          may be repeated; may be repeated together with its token
//   @1              the key spec that finds it, when the order of the keys does not tell; @- for none
//   ^6.2.0  !2.8.0  first version that has it; version that deprecated it
//   "ip:port"       a name with unusual characters
//
// Lines are parsed when somebody asks for them, not at start.

export type ArgumentType =
  | 'string'
  | 'integer'
  | 'double'
  | 'key'
  | 'pattern'
  | 'unix-time'
  | 'pure-token'
  | 'oneof'
  | 'block';

export interface Argument {
  name: string;
  type: ArgumentType;
  /** The word that introduces it; null if none. */
  token: string | null;
  /** Index of the key spec that finds it; -1 if none. */
  keySpec: number;
  since: string;
  deprecatedSince: string;
  optional: boolean;
  multiple: boolean;
  multipleToken: boolean;
  /** Parts of a block, alternatives of a oneof. */
  parts: Argument[];
}

const TYPES: readonly string[] = ['string', 'integer', 'double', 'key', 'pattern', 'unix-time'];

const LEXEME = /\s*(?:([[\]()|])|(\+\+|\+)|([@^!])([\w.-]+)|([a-z][\w-]*=)|("[^"]*"|[^\s[\]()|+^!@]+))/y;

/** The argument tree of a syntax line; `keySpecs` is the number of key specs of the command. Throws on a bad
 *  line. */
export function parseSyntax(line: string, keySpecs: number): Argument[] {
  const parser = new Parser(line, keySpecs);
  const parts = parser.sequence();
  parser.end();
  return parts;
}

/** Arity as COMMAND gives it, for a command whose own name takes `nameWords` words. */
export function arityOf(parts: readonly Argument[], nameWords: number): number {
  const words = nameWords + sum(parts.map(fewestWords));
  return parts.some(varies) ? -words : words;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function fewestWords(argument: Argument): number {
  if (argument.optional) return 0;
  const token = argument.token === null ? 0 : 1;
  if (argument.type === 'pure-token') return token;
  if (argument.type === 'block') return token + sum(argument.parts.map(fewestWords));
  if (argument.type === 'oneof') return token + Math.min(...argument.parts.map(fewestWords));
  return token + 1;
}

function varies(argument: Argument): boolean {
  if (argument.optional || argument.multiple || argument.parts.some(varies)) return true;
  return argument.type === 'oneof' && new Set(argument.parts.map(fewestWords)).size > 1;
}

class Parser {
  readonly #line: string;
  readonly #keySpecs: number;
  #position = 0;
  #keysSeen = 0;

  constructor(line: string, keySpecs: number) {
    this.#line = line;
    this.#keySpecs = keySpecs;
  }

  /** Arguments up to a closing bracket, a `|` or the end. */
  sequence(): Argument[] {
    const parts: Argument[] = [];
    for (let next = this.#peek(); next !== '' && !')]|'.includes(next); next = this.#peek()) {
      parts.push(this.#argument());
    }
    return parts;
  }

  end(): void {
    if (this.#peek() !== '') this.#fail('something left over');
  }

  #argument(): Argument {
    const label = this.#match(5)?.slice(0, -1);
    const argument = this.#bare(label);
    if (label !== undefined) argument.name = label;
    this.#suffixes(argument);
    return argument;
  }

  #bare(label: string | undefined): Argument {
    const next = this.#peek();
    if (next === '(' || next === '[') return this.#bracket(label);
    const word = this.#match(6) ?? this.#fail('an argument expected');
    if (/^[a-z]|^".+"/.test(word)) return this.#value(word);
    const token = word === '""' ? '' : word;
    const argument = this.#introduced() ?? { ...blank(token.toLowerCase()), type: 'pure-token' };
    argument.token = token;
    return argument;
  }

  /** The name or group that follows a token, if one does. */
  #introduced(): Argument | null {
    if (this.#peek() === '(') return this.#bracket(undefined);
    LEXEME.lastIndex = this.#position;
    const word = LEXEME.exec(this.#line)?.[6];
    if (word === undefined || !/^[a-z]|^".+"/.test(word)) return null;
    this.#position = LEXEME.lastIndex;
    return this.#value(word);
  }

  #value(word: string): Argument {
    if (word.startsWith('"')) return blank(word.slice(1, -1));
    const [name = '', given] = word.split(':');
    const type = given ?? (name === 'key' || name === 'pattern' ? name : 'string');
    if (!TYPES.includes(type)) this.#fail(`no such type: ${type}`);
    const argument = { ...blank(name), type: type as ArgumentType };
    if (type === 'key') argument.keySpec = Math.min(this.#keysSeen++, this.#keySpecs - 1);
    return argument;
  }

  #bracket(label: string | undefined): Argument {
    const optional = this.#match(1) === '[';
    const choices = [this.sequence()];
    while (this.#peek() === '|') {
      this.#match(1);
      choices.push(this.sequence());
    }
    if (this.#match(1) !== (optional ? ']' : ')')) this.#fail('bracket not closed');
    if (choices.some((parts) => parts.length === 0)) this.#fail('an argument expected');
    const argument = this.#composite(choices, optional && label === undefined);
    if (optional) argument.optional = true;
    return argument;
  }

  #composite(choices: readonly Argument[][], unwrap: boolean): Argument {
    if (choices.length > 1)
      return joined(
        'oneof',
        choices.map((parts) => (parts.length === 1 ? parts[0]! : joined('block', parts))),
      );
    const parts = choices[0]!;
    return unwrap && parts.length === 1 ? parts[0]! : joined('block', parts);
  }

  #suffixes(argument: Argument): void {
    for (;;) {
      const repeat = this.#match(2);
      const mark = repeat ?? this.#match(3);
      if (mark === undefined) return;
      if (repeat !== undefined) argument.multiple = true;
      if (mark === '++') argument.multipleToken = true;
      if (mark === '@') argument.keySpec = this.#operand === '-' ? -1 : Number(this.#operand);
      if (mark === '^') argument.since = this.#operand;
      if (mark === '!') argument.deprecatedSince = this.#operand;
    }
  }

  #operand = '';

  /** The next bracket or bar without taking it; '' at the end, ' ' before anything else. */
  #peek(): string {
    LEXEME.lastIndex = this.#position;
    const found = LEXEME.exec(this.#line);
    if (found === null)
      return this.#line.slice(this.#position).trim() === '' ? '' : this.#fail('not understood');
    return found[1] ?? ' ';
  }

  /** Takes the next lexeme if it is of this group of LEXEME. */
  #match(group: number): string | undefined {
    LEXEME.lastIndex = this.#position;
    const found = LEXEME.exec(this.#line);
    const text = found?.[group];
    if (text === undefined) return undefined;
    this.#position = LEXEME.lastIndex;
    this.#operand = found?.[4] ?? '';
    return text;
  }

  #fail(reason: string): never {
    throw new Error(`syntax line '${this.#line}' at ${this.#position}: ${reason}`);
  }
}

function joined(type: 'oneof' | 'block', parts: Argument[]): Argument {
  return { ...blank(parts.map((part) => part.name).join('_')), type, parts };
}

function blank(name: string): Argument {
  return {
    name,
    type: 'string',
    token: null,
    keySpec: -1,
    since: '',
    deprecatedSince: '',
    optional: false,
    multiple: false,
    multipleToken: false,
    parts: [],
  };
}
