// Words and quotes as redis.conf, inline commands and redis-cli have them. Texts have one character per byte.
//
//   plain words are split at white space        "…" knows \n \r \t \a \b \" \\ and \xff
//   '…' knows only \'                           a closing quote must end its word

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
const escapeLetters: Readonly<Record<string, string>> = {
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\b': 'b',
  '\x07': 'a',
  '"': '"',
  '\\': '\\',
};

function isSpace(char: string | undefined): boolean {
  return char === ' ' || (char !== undefined && char >= '\t' && char <= '\r');
}

/**
 * The line without blanks, tabs and line ends around it. (A regular expression would take quadratic time on
 * some.)
 */
export function trimLine(line: string): string {
  let from = 0;
  let end = line.length;
  while (from < end && ' \t\r\n'.includes(line[from]!)) from++;
  while (end > from && ' \t\r\n'.includes(line[end - 1]!)) end--;
  return line.slice(from, end);
}

/**
 * The words of a line; null when a quote is not closed, or is followed by something else than white space.
 */
export function splitQuoted(line: string): string[] | null {
  const words: string[] = [];
  const end = line.indexOf('\0') < 0 ? line.length : line.indexOf('\0');
  let at = 0;
  for (;;) {
    while (at < end && isSpace(line[at])) at++;
    if (at === end) return words;
    let word = '';
    while (at < end && !isSpace(line[at])) {
      const char = line[at]!;
      if (char !== '"' && char !== "'") {
        word += char;
        at++;
        continue;
      }
      const quoted = char === '"' ? readDouble(line, at + 1, end) : readSingle(line, at + 1, end);
      if (quoted === null) return null;
      word += quoted.text;
      at = quoted.after;
      if (at < end && !isSpace(line[at])) return null;
    }
    words.push(word);
  }
}

interface Quoted {
  readonly text: string;
  /** Position behind the closing quote. */
  readonly after: number;
}

function readDouble(line: string, at: number, end: number): Quoted | null {
  let text = '';
  for (; at < end; at++) {
    const char = line[at]!;
    if (char === '"') return { text, after: at + 1 };
    if (char !== '\\' || at + 1 === end) {
      text += char;
      continue;
    }
    const hex = /^x([\da-f]{2})/i.exec(line.slice(at + 1, Math.min(end, at + 4)));
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[1]!, 16));
      at += 3;
    } else {
      const letter = line[++at]!;
      text += escapes[letter] ?? letter;
    }
  }
  return null;
}

function readSingle(line: string, at: number, end: number): Quoted | null {
  let text = '';
  for (; at < end; at++) {
    const char = line[at]!;
    if (char === "'") return { text, after: at + 1 };
    if (char === '\\' && line[at + 1] === "'" && at + 1 < end) {
      text += "'";
      at++;
    } else text += char;
  }
  return null;
}

/** The text in double quotes, printable ASCII only, so that `splitQuoted` gives it back. */
export function quote(text: string): string {
  let quoted = '"';
  for (const char of text) {
    const letter = escapeLetters[char];
    if (letter !== undefined) quoted += `\\${letter}`;
    else if (char >= ' ' && char <= '~') quoted += char;
    else quoted += `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  return `${quoted}"`;
}
