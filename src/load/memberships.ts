import { codes } from '../protocol/codes';
import {
  isPending,
  isPlaced,
  type Entry,
  type PageMessage,
  type Position,
  type PendingMessage,
  type Received,
} from '../protocol/entries';
import type { Gap, Hello, JoinAnswer } from '../protocol/events';
import type { EntryPool } from './entry-pool';
import type { JournalEvent } from './journal';
import { ANSWER_WITHIN_MS, type ClientSocket } from './wire';

/**
 * The rooms of one client: where it stands in each, and whether this connection receives it. It resumes with
 * its positions, joins again when it is told to, and follows gaps. All it hears is noted in order.
 */
export class Memberships {
  /** Where it began to listen in each room: nothing older concerns it. */
  readonly began = new Map<string, Position>();
  private readonly positions: Map<string, Position>;
  private readonly joined = new Set<string>();
  private asked: Record<string, Position> = {};
  private hellos = 0;

  constructor(
    private readonly socket: ClientSocket,
    private readonly wanted: string[],
    private readonly entries: EntryPool,
    private readonly note: (event: JournalEvent) => void,
    private readonly onJoined: () => void,
    positions: ReadonlyMap<string, Position> = new Map(),
  ) {
    this.positions = new Map(positions);
    socket.on('hello', (hello) => this.hello(hello));
    socket.on('messages', (entries) => this.messages(entries));
    socket.on('gap', (gap) => this.gap(gap));
    socket.on('disconnect', (reason, details) => this.disconnected(inWords(reason, details)));
  }

  /** What to name in `auth.rooms` of the next connection. */
  resume(): Record<string, Position> {
    this.asked = Object.fromEntries(this.positions);
    return this.asked;
  }

  isIn(room: string): boolean {
    return this.joined.has(room);
  }

  /** Where it stands in a room. */
  at(room: string): Position | undefined {
    return this.positions.get(room);
  }

  isAt(room: string, epoch: string, head: number): boolean {
    const position = this.positions.get(room);
    return this.joined.has(room) && position?.epoch === epoch && position.seq >= head;
  }

  private hello(hello: Hello): void {
    this.hellos++;
    this.note({ type: 'hello', hello, asked: this.asked });
    for (const { room, epoch, upTo, reason } of hello.rooms) {
      if (this.asked[room] === undefined || reason === 'none') this.isJoined(room, epoch, upTo);
    }
    for (const room of new Set([...this.wanted, ...this.positions.keys()])) {
      if (!this.joined.has(room)) this.join(room);
    }
  }

  private join(room: string): void {
    const { hellos } = this;
    // After another hello it has all begun again.
    const current = (): boolean => hellos === this.hellos && this.socket.connected;
    const since = this.positions.get(room);
    const payload = { room, ...(since && { since }) };
    this.socket.timeout(ANSWER_WITHIN_MS).emit('join', payload, (timeout, answer) => {
      if (!current()) return;
      if (timeout) return this.note({ type: 'error', what: `join ${room}: no answer` });
      if (answer.ok) return this.joinAnswered(answer, since);
      const { code, retryAfterMs } = answer.error;
      this.note({ type: 'error', what: `join ${room}: ${code}` });
      if (!codes[code].final) setTimeout(() => current() && this.join(room), retryAfterMs).unref();
    });
  }

  private joinAnswered(answer: JoinAnswer, since: Position | undefined): void {
    const pending = answer.messages.filter(isPending);
    const messages = answer.messages
      .filter(isPlaced)
      .map((entry) => this.entries.share(entry as Entry) as PageMessage);
    this.note({ type: 'joined', answer: { ...answer, messages }, since });
    this.pending(pending);
    this.isJoined(answer.room, answer.epoch, answer.upTo);
  }

  private isJoined(room: string, epoch: string | null, upTo: number | null): void {
    // Without Redis there is no position yet; what was asked stays in force.
    if (epoch !== null && upTo !== null) this.move(room, { epoch, seq: upTo });
    this.joined.add(room);
    this.onJoined();
  }

  private messages(received: Received[]): void {
    this.pending(received.filter(isPending));
    const committed = received.filter(isPlaced);
    if (committed.length === 0) return;
    const entries = committed.map((entry) => this.entries.share(entry));
    this.note({ type: 'messages', entries });
    for (const { room, epoch, seq } of entries) this.move(room, { epoch, seq });
  }

  /** They have no position: nothing moves. */
  private pending(entries: PendingMessage[]): void {
    if (entries.length > 0) this.note({ type: 'pending', entries });
  }

  private gap(gap: Gap): void {
    this.note({ type: 'gap', gap });
    this.move(gap.room, { epoch: gap.epoch, seq: gap.upTo });
  }

  private move(room: string, position: Position): void {
    if (!this.began.has(room)) this.began.set(room, position);
    this.positions.set(room, position);
  }

  private disconnected(reason: string): void {
    this.joined.clear();
    this.note({ type: 'disconnected', reason });
  }
}

/** Why a connection was lost, with what its transport says of it: `transport error: xhr post error 400`. */
function inWords(reason: string, details: unknown): string {
  const { message = '', description = '' } = (details ?? {}) as { message?: string; description?: unknown };
  const said = [message, typeof description === 'object' ? '' : String(description)]
    .filter(Boolean)
    .join(' ');
  return said === '' ? reason : `${reason}: ${said}`;
}
