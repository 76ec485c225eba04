// Lines on the standard output.

/** Prints a line of one character for each byte. */
export function print(line: string): void {
  process.stdout.write(Buffer.from(`${line}\n`, 'latin1'));
}
