// Counts what agreed and what did not, and names the latter.
export class Tally {
  passed = 0;
  failed = 0;

  note(agrees: boolean, text: string): void {
    if (agrees) this.passed++;
    else this.failed++;
    if (!agrees) console.log(text);
  }
}
