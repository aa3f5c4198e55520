import type { WireError } from '../protocol/codes';
import type { Position, Ref, User } from '../protocol/entries';
import type { Gap, HelloRoom, MembersAnswer, Presence } from '../protocol/events';
import { Actions } from './actions';
import type { Found, Here, Room, RoomState, ShownMessage } from './api';
import type { Unsubscribe } from './changes';
import { Contents } from './contents';
import { newId } from './ids';
import { AWAY, type Link } from './link';
import { Pages } from './pages';
import { People } from './people';
import { Reading, type ReadElsewhere } from './reading';
import type { RoomList } from './room-list';
import { showCommitted } from './shown';
import { gap, joined, receive, type Joined } from './timeline';
import { Typing } from './typing';
import type { UnsentStore } from './unsent-store';
import type { Received } from '../protocol/entries';

/** What a room needs of the chat that it belongs to. */
export interface RoomOwner {
  readonly list: RoomList;
  readonly unsent: UnsentStore;
  self(): User;
  /** A room is joined of which it is not known how far it is read. */
  lookAtRooms(): void;
  /** The user ended this room, and with `leave` his membership. */
  ended(room: LiveRoom, how: 'detach' | 'leave'): void;
}

/** Keeps one room joined over all connections, and its timeline and unsent messages with it. */
export class LiveRoom implements Room {
  readonly #contents: Contents;
  readonly onChange: Contents['changes']['on'];
  readonly #actions = new Actions();
  readonly #typing: Typing;
  readonly #people: People;
  readonly #reading: Reading;
  readonly #pages: Pages;
  #state: RoomState = { kind: 'joining' };
  #link: Link | undefined;

  constructor(
    readonly name: string,
    private readonly owner: RoomOwner,
  ) {
    this.#contents = new Contents(
      name,
      owner.unsent,
      () => owner.self(),
      () => this.joinAgain(),
    );
    this.onChange = this.#contents.changes.on;
    const changed = (): void => this.#contents.changes.tell();
    this.#typing = new Typing(name, changed);
    this.#people = new People(name, changed);
    this.#reading = new Reading(name, this.#contents, owner.list);
    this.#pages = new Pages(name, this.#contents, {
      arrived: () => this.#reading.count(),
      joinAgain: () => this.joinAgain(),
    });
  }

  get state(): RoomState {
    return this.#state;
  }

  get complete(): boolean {
    return this.#contents.timeline.complete;
  }

  get epoch(): string | undefined {
    return this.#contents.timeline.run?.epoch;
  }

  get read(): number | undefined {
    return this.owner.list.read(this.name);
  }

  get unread(): number {
    return this.#reading.unread;
  }

  /** Where to resume on the next connection. */
  get position(): Position | undefined {
    const { run } = this.#contents.timeline;
    return run && { epoch: run.epoch, seq: run.upTo };
  }

  timeline(): readonly ShownMessage[] {
    return this.#contents.shown();
  }

  send(text: string, replyTo?: Ref): string {
    const id = newId();
    this.#typing.own(false);
    this.#contents.sending.write({ id, text, ...(replyTo && { replyTo }) });
    if (this.#state.kind === 'refused') this.#contents.sending.refuse(this.#state.error);
    return id;
  }

  retry(id: string): void {
    this.#contents.sending.retry(id);
  }

  discard(id: string): void {
    this.#contents.sending.discard(id);
  }

  edit(target: Ref, text: string): Promise<WireError | undefined> {
    return this.#actions.ask('editMessage', { room: this.name, target, text });
  }

  remove(target: Ref): Promise<WireError | undefined> {
    return this.#actions.ask('deleteMessage', { room: this.name, target });
  }

  react(target: Ref, emoji: string, on: boolean): Promise<WireError | undefined> {
    return this.#actions.ask('react', { room: this.name, target, emoji, on });
  }

  older(limit?: number): Promise<WireError | undefined> {
    return this.#pages.older(limit);
  }

  search(query: string, before?: number): Promise<Found | { error: WireError }> {
    const link = this.#link;
    if (!link) return Promise.resolve({ error: AWAY });
    const payload = { room: this.name, query, ...(before !== undefined && { before }) };
    return new Promise((resolve) =>
      link.ask('search', payload, (answer) =>
        resolve(
          answer.ok
            ? { messages: answer.messages.map(showCommitted), complete: answer.complete }
            : { error: answer.error },
        ),
      ),
    );
  }

  typing(active: boolean): void {
    this.#typing.own(active);
  }

  typists(): readonly User[] {
    return this.#typing.users;
  }

  here(): Here {
    return this.#people.here;
  }

  watchHere(): Unsubscribe {
    return this.#people.watch();
  }

  members(cursor?: string): Promise<MembersAnswer | { error: WireError }> {
    const link = this.#link;
    if (!link) return Promise.resolve({ error: AWAY });
    const payload = { room: this.name, ...(cursor !== undefined && { cursor }) };
    return new Promise((resolve) => link.ask('members', payload, resolve));
  }

  markRead(seq: number): void {
    this.#reading.mark(seq);
  }

  detach(): void {
    this.#end('detach');
  }

  leave(): void {
    this.#end('leave');
  }

  /** After `hello`: the room is resumed already, or is to be joined. */
  connected(link: Link, row: HelloRoom | undefined): void {
    this.#link = link;
    if (row) {
      const { epoch, n, read } = row;
      this.owner.list.moved(this.name, { epoch: epoch ?? undefined, n: n ?? undefined, read });
    }
    if (row?.reason === 'none') this.#joined(link, row);
    else this.#join(link);
  }

  disconnected(): void {
    this.#link = undefined;
    for (const part of this.#parts()) part.stop();
    this.#setState({ kind: 'joining' });
  }

  /** What the servers allow may have changed: goes on from here, or is refused. */
  joinAgain(): void {
    if (this.#link && this.#state.kind !== 'joining') this.#join(this.#link);
  }

  receive(entries: readonly Received[]): void {
    const { run } = this.#contents.timeline;
    for (const { kind, from } of entries) if (kind === 'message') this.#typing.stopped(from.id);
    this.#contents.timeline = receive(this.#contents.timeline, entries);
    this.#reading.count();
    if (run && run.epoch !== this.#contents.timeline.run?.epoch) this.#contents.sending.askAgain();
    if (this.#contents.timeline.broken) this.joinAgain();
  }

  gap({ epoch, upTo }: Gap): void {
    this.#contents.timeline = gap(epoch, upTo);
    this.#reading.count();
    this.#contents.sending.askAgain();
    if (this.#link) this.#pages.refill(this.#link);
  }

  presence(presence: Presence): void {
    this.#people.presence(presence);
  }

  typed(user: User, active: boolean): void {
    if (user.id !== this.owner.self().id) this.#typing.heard(user, active);
  }

  readElsewhere(read: ReadElsewhere): void {
    this.#reading.elsewhere(read);
  }

  #parts() {
    return [this.#pages, this.#contents.sending, this.#actions, this.#typing, this.#people, this.#reading];
  }

  #join(link: Link): void {
    this.#setState({ kind: 'joining' });
    const since = this.position;
    link.insist('join', { room: this.name, ...(since && { since }) }, (answer) => {
      if (link !== this.#link) return;
      if (answer.ok) this.#joined(link, answer);
      else this.#refused(answer.error);
    });
  }

  #joined(link: Link, answer: Joined): void {
    this.#contents.timeline = joined(this.#contents.timeline, answer);
    if (answer.messages) this.#reading.count();
    if (this.owner.list.read(this.name) === undefined) this.owner.lookAtRooms();
    this.#setState({ kind: 'joined' });
    for (const part of this.#parts()) part.start(link);
  }

  #refused(error: WireError): void {
    for (const part of this.#parts()) part.stop();
    this.#setState({ kind: 'refused', error });
    this.#contents.sending.refuse(error);
    this.#actions.refuse(error);
  }

  #end(request: 'detach' | 'leave'): void {
    this.#link?.ask(request, { room: this.name }, () => undefined);
    this.disconnected();
    this.owner.ended(this, request);
  }

  #setState(state: RoomState): void {
    if (state.kind === this.#state.kind) return;
    this.#state = state;
    this.#contents.changed();
  }
}
