import type { AnswerTo } from './wire';
import type { Link } from './link';
import type { Timeline } from './timeline';
import type { Code, WireError } from '../protocol/codes';
import {
  allRefused,
  askAgain,
  discarded,
  expired,
  nextToSend,
  refused,
  retried,
  settled,
  taken,
  tried,
  written,
  type Unsent,
  type UnsentList,
} from './unsent';

/** Codes of a room that is closed to us, although it was joined. */
const SHUT: readonly string[] = ['not_a_member', 'forbidden'] satisfies Code[];

/** Sends what a room's user wrote, one after the other, until each was taken or finally refused. */
export class Sending {
  #list: UnsentList = [];
  #link: Link | undefined;
  /** Between a try and its answer, or the end of its delay: nothing else of this room is sent. */
  #busy = false;

  constructor(
    private readonly room: string,
    private readonly changed: () => void,
    private readonly shut: () => void,
  ) {}

  get list(): UnsentList {
    return this.#list;
  }

  write(message: Pick<Unsent, 'id' | 'text' | 'replyTo'>): void {
    this.#set(written(this.#list, message, Date.now()));
    this.#next();
  }

  /** The room is joined on this connection: sends, and asks again about what earlier answers said. */
  start(link: Link): void {
    this.#link = link;
    this.askAgain();
  }

  stop(): void {
    this.#link = undefined;
    this.#busy = false;
  }

  askAgain(): void {
    this.#set(askAgain(this.#list));
    this.#next();
  }

  retry(id: string): void {
    this.#set(retried(this.#list, id));
    this.#next();
  }

  refuse(error: WireError): void {
    this.#set(allRefused(this.#list, error));
  }

  discard(id: string): void {
    this.#set(discarded(this.#list, id));
  }

  settle(timeline: Timeline, userId: string): void {
    this.#list = settled(this.#list, timeline, userId);
  }

  #next(): void {
    this.#set(expired(this.#list, Date.now()));
    const item = nextToSend(this.#list);
    if (this.#link && item && !this.#busy) this.#try(this.#link, item);
  }

  #try(link: Link, { id, text, replyTo }: Unsent): void {
    this.#busy = true;
    this.#list = tried(this.#list, id, Date.now());
    const payload = { room: this.room, text, id, ...(replyTo && { replyTo }) };
    link.ask('sendMessage', payload, (answer) => {
      if (link === this.#link) this.#answered(link, id, answer);
    });
  }

  #answered(link: Link, id: string, answer: AnswerTo<'sendMessage'>): void {
    const goOn = (): void => {
      this.#busy = false;
      this.#next();
    };
    this.#set(answer.ok ? taken(this.#list, id, answer) : refused(this.#list, id, answer.error));
    if (!answer.ok && this.#list.some((item) => item.id === id && item.state === 'waiting'))
      link.later(answer.error, goOn);
    else goOn();
    if (!answer.ok && SHUT.includes(answer.error.code)) this.shut();
  }

  #set(list: UnsentList): void {
    if (list === this.#list) return;
    this.#list = list;
    this.changed();
  }
}
