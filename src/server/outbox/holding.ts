import type { Held } from './types';

interface Slot {
  held: Held;
  /** More than one if it was written again after a `done` that did not reach the disk. */
  indexes: Set<number>;
}

/** The messages that one file holds, by their index in it and by (room, sender, id). */
export class Holding {
  private readonly slots = new Map<number, Slot>();
  private readonly rooms = new Map<string, Map<string, Map<string, Slot>>>();

  get size(): number {
    return this.slots.size;
  }

  take(index: number, held: Held): void {
    const ids = this.idsOf(held);
    const slot = ids.get(held.body.id) ?? { held, indexes: new Set() };
    ids.set(held.body.id, slot);
    slot.indexes.add(index);
    this.slots.set(index, slot);
  }

  drop(index: number): void {
    const slot = this.slots.get(index);
    if (!slot) return;
    this.slots.delete(index);
    slot.indexes.delete(index);
    if (slot.indexes.size === 0) this.forget(slot.held);
  }

  /** Drops the message and returns the indexes that it had. */
  dropMessage({ room, body }: Held): number[] {
    const slot = this.rooms.get(room)?.get(body.from.id)?.get(body.id);
    const indexes = [...(slot?.indexes ?? [])];
    for (const index of indexes) this.drop(index);
    return indexes;
  }

  find(room: string, from: string, id: string): Held | undefined {
    return this.rooms.get(room)?.get(from)?.get(id)?.held;
  }

  hasRoom(room: string): boolean {
    return this.rooms.has(room);
  }

  ofRoom(room: string): Held[] {
    const senders = [...(this.rooms.get(room)?.values() ?? [])];
    return senders.flatMap((ids) => [...ids.values()].map(({ held }) => held));
  }

  ofSender(room: string, from: string): Held[] {
    return [...(this.rooms.get(room)?.get(from)?.values() ?? [])].map(({ held }) => held);
  }

  all(): Held[] {
    return [...this.slots.values()].map(({ held }) => held);
  }

  private idsOf({ room, body }: Held): Map<string, Slot> {
    const senders = this.rooms.get(room) ?? new Map<string, Map<string, Slot>>();
    const ids = senders.get(body.from.id) ?? new Map<string, Slot>();
    this.rooms.set(room, senders);
    senders.set(body.from.id, ids);
    return ids;
  }

  private forget({ room, body }: Held): void {
    const senders = this.rooms.get(room);
    const ids = senders?.get(body.from.id);
    ids?.delete(body.id);
    if (ids?.size === 0) senders?.delete(body.from.id);
    if (senders?.size === 0) this.rooms.delete(room);
  }
}
