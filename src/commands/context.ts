// What a handler sees of one command in progress.

export interface Context {
  readonly reply: {
    array(count: number): void;
    status(text: string): void;
    error(text: string): void;
  };
}
