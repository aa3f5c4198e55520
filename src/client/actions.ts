import type { WireError } from '../protocol/codes';
import { newId } from './ids';
import type { Link } from './link';
import type { Part } from './part';
import { isFinal, type Payload } from './wire';

/** Whoever clicked waits for the outcome: for how long, ms. */
const OUTCOME_WITHIN_MS = 30_000;

type Kind = 'editMessage' | 'deleteMessage' | 'react';
type Outcome = WireError | undefined;

interface Action {
  request: Kind;
  payload: Payload<Kind>;
  until: number;
  done: (outcome: Outcome) => void;
}

const TOO_LATE: WireError = { code: 'unavailable', message: 'No server did it in time' };

/** Edits, deletes and reactions, one after the other, so that of two clicks the later one counts. */
export class Actions implements Part {
  readonly #queue: Action[] = [];
  #link: Link | undefined;
  #refusal: WireError | undefined;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Repeats the request, always with the same id, until a server answers it: undefined if it is done,
   * else why not. `unavailable` after 30 s leaves open whether it was done; the timeline shows it.
   */
  ask<K extends Kind>(request: K, payload: Omit<Payload<K>, 'id'>): Promise<Outcome> {
    if (this.#refusal) return Promise.resolve(this.#refusal);
    return new Promise((done) => {
      const until = Date.now() + OUTCOME_WITHIN_MS;
      this.#queue.push({ request, payload: { ...payload, id: newId() } as Payload<K>, until, done });
      this.#timer ??= setTimeout(() => this.#expire(), OUTCOME_WITHIN_MS);
      this.#next();
    });
  }

  start(link: Link): void {
    if (link !== this.#link) this.#busy = false;
    this.#link = link;
    this.#refusal = undefined;
    this.#next();
  }

  stop(): void {
    this.#link = undefined;
    this.#refusal = undefined;
    this.#busy = false;
  }

  /** The room is closed to us, until it starts or stops. */
  refuse(error: WireError): void {
    this.#refusal = error;
    for (const action of [...this.#queue]) this.#finish(action, error);
  }

  #next(): void {
    const [action] = this.#queue;
    const link = this.#link;
    if (!action || !link || this.#busy) return;
    this.#busy = true;
    link.ask(action.request, action.payload, (answer) => {
      if (link === this.#link) this.#answered(link, action, answer.ok ? undefined : answer.error);
    });
  }

  #answered(link: Link, action: Action, error: Outcome): void {
    const goOn = (): void => {
      this.#busy = false;
      this.#next();
    };
    if (error && !isFinal(error.code)) return link.later(error, goOn);
    this.#finish(action, error);
    goOn();
  }

  #finish(action: Action, outcome: Outcome): void {
    const at = this.#queue.indexOf(action);
    if (at === -1) return;
    this.#queue.splice(at, 1);
    action.done(outcome);
    if (this.#queue.length > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = Date.now();
    for (const action of this.#queue.filter(({ until }) => until <= now)) this.#finish(action, TOO_LATE);
    const [first] = this.#queue;
    if (first) this.#timer = setTimeout(() => this.#expire(), first.until - now);
  }
}
