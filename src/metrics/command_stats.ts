// Calls, time and failures of each command, by id; and errors by their code.

export class CommandStats {
  readonly calls: Float64Array;
  readonly usec: Float64Array;
  /** Refused before they ran. */
  readonly rejected: Float64Array;
  /** Ran and answered an error. */
  readonly failed: Float64Array;
  /** Errors by code ('ERR', 'WRONGTYPE' …). */
  readonly errors = new Map<string, number>();
  errorReplies = 0;

  constructor(commands: number) {
    this.calls = new Float64Array(commands);
    this.usec = new Float64Array(commands);
    this.rejected = new Float64Array(commands);
    this.failed = new Float64Array(commands);
  }

  /** Counts an error reply by the code that its text starts with. */
  countError(text: string): void {
    const end = text.search(/[\s]/);
    const code = end < 0 ? text : text.slice(0, end);
    this.errorReplies++;
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  reset(): void {
    this.calls.fill(0);
    this.usec.fill(0);
    this.rejected.fill(0);
    this.failed.fill(0);
    this.errors.clear();
    this.errorReplies = 0;
  }
}
