import { codes } from '../protocol/codes';
import type { Answer, SendAnswer } from '../protocol/events';
import { now, type Attempt, type Send } from './journal';

/** What a client offers to those who send: its present connection. */
export interface Line {
  /** Counts the connections of the client, from 1. */
  connection(): number;
  /** Whether a message to this room would be taken now. */
  ready(room: string): boolean;
  /** Hands it to the connection. `heard` is called once, without an answer if none will come. */
  emit(send: Send, heard: (answer?: Answer<SendAnswer>) => void): void;
}

/**
 * The messages of one client. They go out in order as soon as their room is ready, and again, with the same
 * id, after an unknown outcome or a temporary error. Without an id a repeat would double: tried once.
 */
export class Sending {
  private waiting: Send[] = [];
  private readonly open = new Set<Send>();

  constructor(
    private readonly line: Line,
    private readonly refused: (send: Send, words: string) => void,
  ) {}

  /** Messages without a final answer yet. */
  get unanswered(): number {
    return this.open.size;
  }

  add(send: Send): void {
    this.open.add(send);
    this.again(send);
  }

  /** To be called when a room became ready. */
  flush(): void {
    const due = this.waiting.filter((send) => this.line.ready(send.room));
    this.waiting = this.waiting.filter((send) => !due.includes(send));
    for (const send of due) this.attempt(send);
  }

  private again(send: Send): void {
    this.waiting.push(send);
    this.flush();
  }

  private attempt(send: Send): void {
    const attempt: Attempt = { connection: this.line.connection(), sentAt: now() };
    send.attempts.push(attempt);
    this.line.emit(send, (answer) => {
      if (answer) Object.assign(attempt, { answer, answeredAt: now() });
      this.heard(send, answer);
    });
  }

  private heard(send: Send, answer: Answer<SendAnswer> | undefined): void {
    if (answer?.ok) send.id = answer.id;
    const temporary = answer ? !answer.ok && !codes[answer.error.code].final : true;
    if (temporary && send.id !== undefined) {
      const delay = answer && !answer.ok ? (answer.error.retryAfterMs ?? 0) : 0;
      setTimeout(() => this.again(send), delay).unref();
      return;
    }
    this.open.delete(send);
    if (!answer?.ok) this.refused(send, answer ? answer.error.code : 'no answer');
  }
}
