import { setTimeout as sleep } from 'node:timers/promises';
import type { Person } from './person';

/** People who send all the time, and send again with the same id what was not accepted. */
export class Traffic {
  /** What was acknowledged, by text. */
  readonly accepted: string[] = [];
  /** How often a send was refused for the moment. */
  refused = 0;
  /** The longest time to any answer so far. */
  slowestMs = 0;
  private busy = true;
  private readonly done: Promise<unknown>;

  constructor(
    private readonly room: string,
    people: Person[],
  ) {
    this.done = Promise.all(people.map((person, index) => this.send(person, index)));
  }

  /** Nothing new is begun; resolves when all that was begun is acknowledged. */
  async end(): Promise<void> {
    this.busy = false;
    await this.done;
  }

  private async send(person: Person, index: number): Promise<void> {
    for (let i = 0; this.busy; i++) {
      await this.insist(person, `traffic ${index}.${i}`);
      await sleep(2); // a pause between two messages, not a wait for something
    }
  }

  private async insist(person: Person, text: string): Promise<void> {
    for (;;) {
      const start = performance.now();
      const answer = await person.ask('sendMessage', { room: this.room, text, id: text });
      this.slowestMs = Math.max(this.slowestMs, performance.now() - start);
      if (answer.ok) break;
      const { code, retryAfterMs } = answer.error;
      if (retryAfterMs === undefined) throw new Error(`a send was refused: ${code}`);
      this.refused++;
      await sleep(retryAfterMs);
    }
    this.accepted.push(text);
  }
}
