// Lists of field names that a connection prepared with HIMPORT, by the names it gave them.

/** Bytes that a list, and each name in it, takes besides its text. */
const LIST_BYTES = 128;
const FIELD_BYTES = 64;

export class Fieldsets {
  /** About what all of them take. */
  bytes = 0;
  readonly #lists = new Map<string, readonly Uint8Array[]>();

  find(name: string): readonly Uint8Array[] | undefined {
    return this.#lists.get(name);
  }

  /** Puts a list in the place of what had its name. */
  put(name: string, fields: readonly Uint8Array[]): void {
    this.drop(name);
    this.#lists.set(name, fields);
    this.bytes += bytesOf(name, fields);
  }

  /** Forgets a list; false if there is none of this name. */
  drop(name: string): boolean {
    const fields = this.#lists.get(name);
    if (fields === undefined) return false;
    this.#lists.delete(name);
    this.bytes -= bytesOf(name, fields);
    return true;
  }

  /** Forgets all; how many there were. */
  clear(): number {
    const count = this.#lists.size;
    this.#lists.clear();
    this.bytes = 0;
    return count;
  }
}

function bytesOf(name: string, fields: readonly Uint8Array[]): number {
  return fields.reduce((sum, field) => sum + FIELD_BYTES + field.length, LIST_BYTES + name.length);
}
