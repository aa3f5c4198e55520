import type { PendingMessage } from '../protocol/entries';
import type { Entry, PageMessage } from '../protocol/entries';
import type { Agreement } from './agreement';
import type { Findings } from './findings';
import type { FinalLog, Journal, JournalEvent } from './journal';
import { Run } from './run';
import type { Sent, Shown } from './sent';
import type { Page } from './state-check';

/** Goes through one journal and drives the runs of its rooms. */
export class Replay {
  /** All that this client was shown of what messages are by now. */
  readonly pages: Page[] = [];
  /** All that it was shown as pending. */
  readonly pending: PendingMessage[] = [];
  private readonly runs = new Map<string, Run>();
  private connected = false;

  constructor(
    private readonly journal: Journal,
    private readonly sent: Sent,
    private readonly agreement: Agreement,
    private readonly findings: Findings,
  ) {}

  all(logs: FinalLog[]): void {
    for (const event of this.journal.events) this.step(event);
    for (const [room, run] of this.runs)
      run.finish(
        logs.find((log) => log.room === room),
        this.connected,
      );
  }

  private step(event: JournalEvent): void {
    switch (event.type) {
      case 'hello':
        return this.hello(event);
      case 'joined':
        return this.joined(event);
      case 'messages':
        return event.entries.forEach((entry) => this.live(entry));
      case 'pending':
        return event.entries.forEach((entry) => this.waits(entry));
      case 'history':
        return this.history(event);
      case 'gap':
        return this.run(event.gap.room).start(event.gap.epoch, event.gap.upTo);
      case 'detached':
        return this.run(event.room).detach();
      case 'disconnected':
        this.connected = false;
        return this.runs.forEach((run) => run.disconnect());
      case 'error':
        return;
    }
  }

  private hello({ hello, asked }: Extract<JournalEvent, { type: 'hello' }>): void {
    this.connected = true;
    for (const { room, epoch, upTo, reason } of hello.rooms) {
      const since = asked[room];
      if (since === undefined) this.run(room).start(epoch, upTo ?? 0);
      else if (reason === 'none') this.run(room).goOn(since);
    }
  }

  private joined({ answer, since }: Extract<JournalEvent, { type: 'joined' }>): void {
    const { room, epoch, upTo, messages, reason } = answer;
    // Degraded, the server resolves `since` by itself later, and says `gap` if it cannot.
    if (since && (reason === 'none' || reason === 'degraded')) return this.run(room).goOn(since);
    this.run(room).start(epoch, upTo ?? 0, messages);
    this.page(upTo ?? 0, messages);
  }

  private history({ answer, known }: Extract<JournalEvent, { type: 'history' }>): void {
    const { epoch, head, messages } = answer;
    this.page(known?.epoch === epoch ? Math.max(known.seq, head) : head, messages);
  }

  private page(seq: number, messages: PageMessage[]): void {
    this.pages.push({ who: this.journal.client, seq, messages });
    for (const message of messages) this.compare(message, false);
  }

  private live(entry: Entry): void {
    if (this.run(entry.room).take(entry)) this.compare(entry, true);
  }

  private waits(entry: PendingMessage): void {
    const { room, id, from } = entry;
    const fault = this.run(room).open ? this.sent.fault(entry) : 'not having joined the room';
    if (!fault) return void this.pending.push(entry);
    this.findings.add('phantoms', `${this.journal.client} saw ${room} ${id} of ${from.id} pending: ${fault}`);
  }

  private compare(shown: Shown, live: boolean): void {
    const { room, epoch, seq } = shown;
    const fault = this.sent.fault(shown);
    if (!fault) return this.agreement.saw(this.journal.client, shown, live);
    this.agreement.sawPhantom(shown);
    this.findings.add('phantoms', `${this.journal.client} saw ${room} ${epoch}:${seq}: ${fault}`);
  }

  private run(room: string): Run {
    const run = this.runs.get(room) ?? new Run(this.journal.client, room, this.sent, this.findings);
    this.runs.set(room, run);
    return run;
  }
}
