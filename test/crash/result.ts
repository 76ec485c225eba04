/** How much was tried, and what is wrong. */
export interface Result {
  readonly done: number;
  readonly failures: readonly string[];
}
