/**
 * What the generator writes at the start of each text, in digits at fixed places, so that whoever receives it is read
 * without parsing: who of the room sent it, his how-manieth it is, and when it was to be sent.
 */
export interface Mark {
  /** From 0, below 10,000. */
  sender: number;
  /** 1, 2, 3 ... of this sender in this room. */
  count: number;
  /** Microseconds on the generator's own clock. */
  plannedAt: number;
}

const DIGITS = { sender: 4, count: 8, plannedAt: 11 };

/** Marks of one run. `run` tells them from those of others in the same room: four letters or digits. */
export class Marker {
  /** What a receiver looks for. */
  readonly start: Buffer;
  readonly length: number;
  private readonly senderAt: number;
  private readonly countAt: number;
  private readonly plannedAt: number;

  constructor(private readonly run: string) {
    this.start = Buffer.from(`~~${run}`);
    this.senderAt = this.start.length;
    this.countAt = this.senderAt + DIGITS.sender;
    this.plannedAt = this.countAt + DIGITS.count;
    this.length = this.plannedAt + DIGITS.plannedAt;
  }

  /** A text of `length` characters that carries the mark. */
  write({ sender, count, plannedAt }: Mark, length: number): string {
    const digits = (value: number, places: number): string => `${Math.round(value)}`.padStart(places, '0');
    const mark =
      digits(sender, DIGITS.sender) + digits(count, DIGITS.count) + digits(plannedAt, DIGITS.plannedAt);
    return `~~${this.run}${mark}`.padEnd(length, ' helloTest');
  }

  sender(bytes: Uint8Array, at: number): number {
    return numberAt(bytes, at + this.senderAt, DIGITS.sender);
  }

  count(bytes: Uint8Array, at: number): number {
    return numberAt(bytes, at + this.countAt, DIGITS.count);
  }

  planned(bytes: Uint8Array, at: number): number {
    return numberAt(bytes, at + this.plannedAt, DIGITS.plannedAt);
  }
}

/** So many digits, at a fixed place. */
function numberAt(bytes: Uint8Array, at: number, places: number): number {
  let value = 0;
  for (let i = at; i < at + places; i++) value = value * 10 + bytes[i]! - 48;
  return value;
}

/** A whole number, of as many digits as there are. */
export function digitsAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; isDigit(bytes[i]); i++) value = value * 10 + bytes[i]! - 48;
  return value;
}

export const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;
