import type { WireError } from '../protocol/codes';
import type { Contents } from './contents';
import type { Link } from './link';
import type { Part } from './part';
import { older, type Run } from './timeline';
import type { AnswerTo } from './wire';

/** What pages need of their room. */
export interface PagesOwner {
  /** A page is in the timeline. */
  arrived(): void;
  /** The log began anew, unnoticed. */
  joinAgain(): void;
}

/** Reads the pages of history before what a room holds. */
export class Pages implements Part {
  #link: Link | undefined;
  #reading: Promise<WireError | undefined> | undefined;

  constructor(
    private readonly room: string,
    private readonly contents: Contents,
    private readonly owner: PagesOwner,
  ) {}

  /** One page, of so many messages. Resolves when it is there, or with the error that prevented it. */
  older(limit?: number): Promise<WireError | undefined> {
    const { run, complete } = this.contents.timeline;
    const link = this.#link;
    if (!run || !link || complete) return Promise.resolve(undefined);
    this.#reading ??= new Promise<WireError | undefined>((resolve) => {
      link.ask('history', { ...this.#below(run), ...(limit !== undefined && { limit }) }, (answer) => {
        this.#reading = undefined;
        this.#take(link, run, answer);
        resolve(answer.ok ? undefined : answer.error);
      });
    });
    return this.#reading;
  }

  /** The newest page, after a gap. */
  refill(link: Link): void {
    const { run, complete } = this.contents.timeline;
    if (!run || complete) return;
    link.insist('history', this.#below(run), (answer) => this.#take(link, run, answer));
  }

  start(link: Link): void {
    this.#link = link;
  }

  stop(): void {
    this.#link = undefined;
  }

  #below({ epoch, floor }: Run): { room: string; epoch: string; before: number } {
    return { room: this.room, epoch, before: floor };
  }

  #take(link: Link, asked: Run, answer: AnswerTo<'history'>): void {
    if (link !== this.#link) return;
    const held = this.contents.timeline;
    if (answer.ok) {
      this.contents.timeline = older(held, asked.floor, answer);
      this.owner.arrived();
    } else if (answer.error.code === 'epoch_changed' && asked.epoch === held.run?.epoch) {
      this.owner.joinAgain();
    }
  }
}
