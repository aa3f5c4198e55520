import type { AnswerTo } from './wire';
import type { Link } from './link';
import type { Timeline } from './timeline';
import { ChatError, type Code, type WireError } from '../protocol/codes';
import { checkText } from '../protocol/names';
import type { UnsentStore } from './unsent-store';
import {
  allRefused,
  askAgain,
  claimed,
  discarded,
  expired,
  merged,
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
  #list: UnsentList;
  #link: Link | undefined;
  /** Between a try and its answer, or the end of its delay: nothing else of this room is sent. */
  #busy = false;

  constructor(
    private readonly room: string,
    private readonly store: UnsentStore,
    private readonly changed: () => void,
    private readonly shut: () => void,
  ) {
    this.#list = merged([], store.load(room));
  }

  get list(): UnsentList {
    return this.#list;
  }

  write(message: Pick<Unsent, 'id' | 'text' | 'replyTo'>): void {
    this.#set(written(this.#list, { ...message, user: this.store.user }, Date.now()));
    this.#next();
  }

  /** The room is joined on this connection: sends, and asks again about what earlier answers said. */
  start(link: Link): void {
    this.#link = link;
    this.#list = merged(this.#list, this.store.load(this.room));
    this.#set(claimed(this.#list, this.store.user));
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
    this.#set(retried(this.#list, id, this.store.user));
    this.#next();
  }

  refuse(error: WireError): void {
    this.#set(allRefused(this.#list, error));
  }

  discard(id: string): void {
    this.#set(discarded(this.#list, id));
  }

  settle(timeline: Timeline, userId: string): void {
    this.#keep(settled(this.#list, timeline, userId));
  }

  #next(): void {
    this.#set(expired(this.#list, Date.now()));
    const item = nextToSend(this.#list);
    if (this.#link && item && !this.#busy) this.#try(this.#link, item);
  }

  #try(link: Link, { id, text, replyTo }: Unsent): void {
    const error = textError(text);
    if (error) {
      this.#set(refused(this.#list, id, error));
      return this.#next();
    }
    this.#busy = true;
    this.#keep(tried(this.#list, id, Date.now()));
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
    this.#keep(list);
    this.changed();
  }

  #keep(list: UnsentList): void {
    const before = this.#list;
    this.#list = list;
    if (list !== before) this.store.keep(this.room, before, list);
  }
}

/** What no server takes is not sent: a packet that is too large would end the connection, again and again. */
function textError(text: string): WireError | undefined {
  try {
    checkText(text);
    return undefined;
  } catch (error) {
    return error instanceof ChatError ? error.toWire() : undefined;
  }
}
