import type { User } from '../protocol/entries';
import type { ShownMessage } from './api';
import { Changes } from './changes';
import { Sending } from './sending';
import { shown } from './shown';
import { EMPTY, type Timeline } from './timeline';
import type { UnsentStore } from './unsent-store';

/** What a room shows: its timeline and the unsent messages, kept in step with each other. */
export class Contents {
  readonly changes = new Changes();
  readonly sending: Sending;
  #timeline: Timeline = EMPTY;
  #shown: readonly ShownMessage[] | undefined;

  /** `shut`: a send was refused as if the room was closed to us. */
  constructor(
    room: string,
    store: UnsentStore,
    private readonly self: () => User,
    shut: () => void,
  ) {
    this.sending = new Sending(room, store, () => this.changed(), shut);
  }

  get timeline(): Timeline {
    return this.#timeline;
  }

  set timeline(timeline: Timeline) {
    this.#timeline = timeline;
    this.changed();
  }

  /** The same array until something changed. */
  shown(): readonly ShownMessage[] {
    this.#shown ??= shown(this.#timeline, this.sending.list, this.self());
    return this.#shown;
  }

  changed(): void {
    this.sending.settle(this.#timeline, this.self().id);
    this.#shown = undefined;
    this.changes.tell();
  }
}
