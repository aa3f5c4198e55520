import type { WireError } from '../protocol/codes';
import type { Position, User } from '../protocol/entries';
import type { Gap, HelloRoom } from '../protocol/events';
import type { Room, RoomState } from './api';
import { Contents } from './contents';
import { newId } from './ids';
import type { Link } from './link';
import type { ShownMessage } from './shown';
import { gap, joined, older, receive, type Joined, type Run } from './timeline';
import type { AnswerTo, Received } from './wire';

/** What a room needs of the chat that it belongs to. */
export interface RoomOwner {
  self(): User;
  /** The user ended this room. */
  ended(room: LiveRoom): void;
}

/** Keeps one room joined over all connections, and its timeline and unsent messages with it. */
export class LiveRoom implements Room {
  readonly #contents: Contents;
  readonly onChange: Contents['changes']['on'];
  #state: RoomState = { kind: 'joining' };
  #link: Link | undefined;
  #reading: Promise<WireError | undefined> | undefined;

  constructor(
    readonly name: string,
    private readonly owner: RoomOwner,
  ) {
    this.#contents = new Contents(name, () => owner.self());
    this.onChange = this.#contents.changes.on;
  }

  get state(): RoomState {
    return this.#state;
  }

  get complete(): boolean {
    return this.#contents.timeline.complete;
  }

  /** Where to resume on the next connection. */
  get position(): Position | undefined {
    const { run } = this.#contents.timeline;
    return run && { epoch: run.epoch, seq: run.upTo };
  }

  timeline(): readonly ShownMessage[] {
    return this.#contents.shown();
  }

  send(text: string): string {
    const id = newId();
    this.#contents.sending.write(id, text);
    if (this.#state.kind === 'refused') this.#contents.sending.refuse(this.#state.error);
    return id;
  }

  retry(id: string): void {
    this.#contents.sending.retry(id);
  }

  discard(id: string): void {
    this.#contents.sending.discard(id);
  }

  older(): Promise<WireError | undefined> {
    const { run, complete } = this.#contents.timeline;
    const link = this.#link;
    if (!run || !link || complete) return Promise.resolve(undefined);
    this.#reading ??= new Promise<WireError | undefined>((resolve) => {
      link.ask('history', this.#below(run), (answer) => {
        this.#reading = undefined;
        this.#page(link, run, answer);
        resolve(answer.ok ? undefined : answer.error);
      });
    });
    return this.#reading;
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
    if (row?.reason === 'none') this.#joined(link, row);
    else this.#join(link);
  }

  disconnected(): void {
    this.#link = undefined;
    this.#contents.sending.stop();
    this.#setState({ kind: 'joining' });
  }

  receive(entries: readonly Received[]): void {
    const { run } = this.#contents.timeline;
    this.#contents.timeline = receive(this.#contents.timeline, entries);
    if (run && run.epoch !== this.#contents.timeline.run?.epoch) this.#contents.sending.askAgain();
    if (this.#contents.timeline.broken && this.#link && this.#state.kind === 'joined') this.#join(this.#link);
  }

  gap({ epoch, upTo }: Gap): void {
    this.#contents.timeline = gap(epoch, upTo);
    this.#contents.sending.askAgain();
    const link = this.#link;
    const { run, complete } = this.#contents.timeline;
    if (run && link && !complete)
      link.insist('history', this.#below(run), (answer) => this.#page(link, run, answer));
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
    this.#setState({ kind: 'joined' });
    this.#contents.sending.start(link);
  }

  #refused(error: WireError): void {
    this.#setState({ kind: 'refused', error });
    this.#contents.sending.refuse(error);
  }

  #below({ epoch, floor }: Run): { room: string; epoch: string; before: number } {
    return { room: this.name, epoch, before: floor };
  }

  #page(link: Link, asked: Run, answer: AnswerTo<'history'>): void {
    if (link !== this.#link) return;
    if (answer.ok) this.#contents.timeline = older(this.#contents.timeline, asked.floor, answer);
    else if (answer.error.code === 'epoch_changed' && asked.epoch === this.position?.epoch) this.#join(link);
  }

  #end(request: 'detach' | 'leave'): void {
    this.#link?.ask(request, { room: this.name }, () => undefined);
    this.disconnected();
    this.owner.ended(this);
  }

  #setState(state: RoomState): void {
    if (state.kind === this.#state.kind) return;
    this.#state = state;
    this.#contents.changed();
  }
}
