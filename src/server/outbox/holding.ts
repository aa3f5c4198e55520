import type { Held } from './types';

interface Slot {
  held: Held;
  /** More than one if it was written again after a `done` that did not reach the disk. */
  indexes: Set<number>;
}

interface Room {
  /** In the order of their coming. */
  all: Set<Slot>;
  /** By sender and id. */
  senders: Map<string, Map<string, Slot>>;
}

/** The messages that one file holds, by their index in it and by (room, sender, id). Lists are in their order in it. */
export class Holding {
  private readonly slots = new Map<number, Slot>();
  private readonly rooms = new Map<string, Room>();

  get size(): number {
    return this.slots.size;
  }

  take(index: number, held: Held): void {
    const room: Room = this.rooms.get(held.room) ?? { all: new Set(), senders: new Map() };
    const ids = room.senders.get(held.body.from.id) ?? new Map<string, Slot>();
    const slot: Slot = ids.get(held.body.id) ?? { held, indexes: new Set() };
    this.rooms.set(held.room, room);
    room.all.add(slot);
    room.senders.set(held.body.from.id, ids);
    ids.set(held.body.id, slot);
    slot.indexes.add(index);
    this.slots.set(index, slot);
  }

  drop(index: number): void {
    const slot = this.slots.get(index);
    if (!slot) return;
    this.slots.delete(index);
    slot.indexes.delete(index);
    if (slot.indexes.size === 0) this.forget(slot);
  }

  /** Drops the message and returns the indexes that it had. */
  dropMessage({ room, body }: Held): number[] {
    const indexes = [...(this.slot(room, body.from.id, body.id)?.indexes ?? [])];
    for (const index of indexes) this.drop(index);
    return indexes;
  }

  find(room: string, from: string, id: string): Held | undefined {
    return this.slot(room, from, id)?.held;
  }

  hasRoom(room: string): boolean {
    return this.rooms.has(room);
  }

  hasSender(room: string, from: string): boolean {
    return this.rooms.get(room)?.senders.has(from) === true;
  }

  ofRoom(room: string): Held[] {
    return [...(this.rooms.get(room)?.all ?? [])].map(({ held }) => held);
  }

  ofSender(room: string, from: string): Held[] {
    return [...(this.rooms.get(room)?.senders.get(from)?.values() ?? [])].map(({ held }) => held);
  }

  /** One that was written again is there again. */
  all(): Held[] {
    return [...this.slots.values()].map(({ held }) => held);
  }

  private slot(room: string, from: string, id: string): Slot | undefined {
    return this.rooms.get(room)?.senders.get(from)?.get(id);
  }

  private forget(slot: Slot): void {
    const { room: name, body } = slot.held;
    const room = this.rooms.get(name)!;
    const ids = room.senders.get(body.from.id)!;
    room.all.delete(slot);
    ids.delete(body.id);
    if (ids.size === 0) room.senders.delete(body.from.id);
    if (room.all.size === 0) this.rooms.delete(name);
  }
}
