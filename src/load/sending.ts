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

/** What goes out in one order: a room's messages, or a single change of a message. */
interface Lane {
  /** Without a final answer yet, in the order of `add`. */
  open: Send[];
  underWay: Set<Send>;
  /** An answer asked to come back later. */
  rests: boolean;
}

/**
 * What one client sends, in order as soon as the room is ready. After an unknown outcome or a temporary error it goes
 * out again with the same id, and its order holds: nothing else of its lane is sent before all that is under way was
 * heard of, and then one at a time until nothing is left that was tried before. Without an id a repeat would
 * double: tried once.
 */
export class Sending {
  private readonly lanes = new Map<string, Lane>();

  constructor(
    private readonly line: Line,
    private readonly refused: (send: Send, words: string) => void,
  ) {}

  /** Messages without a final answer yet. */
  get unanswered(): number {
    return [...this.lanes.values()].reduce((sum, { open }) => sum + open.length, 0);
  }

  add(send: Send): void {
    const name = laneOf(send);
    const lane = this.lanes.get(name) ?? { open: [], underWay: new Set(), rests: false };
    this.lanes.set(name, lane);
    lane.open.push(send);
    this.flushLane(lane);
  }

  /** To be called when a room became ready. */
  flush(): void {
    for (const lane of this.lanes.values()) this.flushLane(lane);
  }

  private flushLane({ open, underWay, rests }: Lane): void {
    if (rests || !open[0] || !this.line.ready(open[0].room)) return;
    const idle = open.filter((send) => !underWay.has(send));
    const isRepeat = idle.some(({ attempts }) => attempts.length > 0);
    if (isRepeat && underWay.size > 0) return;
    for (const send of isRepeat ? idle.slice(0, 1) : idle) this.attempt(send);
  }

  private attempt(send: Send): void {
    const attempt: Attempt = { connection: this.line.connection(), sentAt: now() };
    send.attempts.push(attempt);
    this.lanes.get(laneOf(send))!.underWay.add(send);
    this.line.emit(send, (answer) => {
      if (answer) Object.assign(attempt, { answer, answeredAt: now() });
      this.heard(send, answer);
    });
  }

  private heard(send: Send, answer: Answer<SendAnswer> | undefined): void {
    const name = laneOf(send);
    const lane = this.lanes.get(name)!;
    lane.underWay.delete(send);
    const temporary = answer ? !answer.ok && !codes[answer.error.code].final : true;
    if (temporary && send.id !== undefined)
      return this.rest(lane, answer && !answer.ok ? answer.error.retryAfterMs : 0);
    lane.open = lane.open.filter((other) => other !== send);
    if (lane.open.length === 0) this.lanes.delete(name);
    if (answer?.ok) send.id = answer.id;
    else this.refused(send, answer ? answer.error.code : 'no answer');
    this.flushLane(lane);
  }

  private rest(lane: Lane, forMs = 0): void {
    if (lane.rests) return;
    lane.rests = true;
    setTimeout(() => {
      lane.rests = false;
      this.flushLane(lane);
    }, forMs).unref();
  }
}

/** Changes have no order among themselves: one that waits for Redis must not hold up what is said meanwhile. */
const laneOf = ({ room, kind, id }: Send): string => (kind === 'message' ? room : `${room}\n${id ?? ''}`);
