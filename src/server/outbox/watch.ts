import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { adopt } from './adopt';
import { every } from '../../rounds';
import { list, type Names } from './folder';
import type { Others } from './others';
import type { OwnFiles } from './own';
import type { Report, Tail } from './tail';
import type { Held } from './types';
import type { Writer } from './writer';

/** How often others' files are looked at (ms): while something is held or the log is away, and otherwise. */
const LOOK_MS = 50;
const QUIET_LOOK_MS = 1_000;
/** How soon it is seen that the first of these has come. Each time wakes the process up. */
const NOTICE_MS = 250;
/** Who asks for a look shares it with all who ask within this time after the last that was asked for: they come in storms. */
const APART_MS = 20;

export interface WatchOptions {
  folder: string;
  names: Names;
  own: OwnFiles;
  others: Others;
  writer: Writer;
  isAway: () => boolean;
  report: Report;
  onHeld: (held: Held[]) => void;
}

/** Looks into the folder again and again, and takes files over. It does one thing at a time. */
export class Watch {
  private readonly endRounds: (() => void)[];
  /** Of the next look while something is held or the log is away. */
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = -Infinity;
  private readAt = -Infinity;
  private turn: Promise<void> = Promise.resolve();
  private nextLook: Promise<void> | undefined;
  private sharedLook: Promise<void> | undefined;
  private isFailing = false;
  private isStopped = false;

  constructor(private readonly options: WatchOptions) {
    this.endRounds = [
      every(NOTICE_MS, () => this.timer ?? this.tick()),
      every(QUIET_LOOK_MS, () => this.quietLook()),
    ];
  }

  /** Resolves after a look that began after this call. */
  look(): Promise<void> {
    const waitMs = this.lookedAt + APART_MS - performance.now();
    if (!this.sharedLook && waitMs <= 0) return this.lookNow();
    this.sharedLook ??= sleep(waitMs, undefined, { ref: false }).then(() => this.lookNow());
    return this.sharedLook;
  }

  async adopt(quietMs: number): Promise<void> {
    // What another look would find for the first time has not been quiet for so long.
    const isKnown = performance.now() - this.readAt < quietMs;
    if (isKnown && this.options.others.quietFor(quietMs).length === 0) return;
    await this.lookNext();
    await this.inTurn(async () => {
      for (const tail of this.options.others.quietFor(quietMs)) await this.adoptOne(tail);
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const end of this.endRounds) end();
    clearTimeout(this.timer);
    await this.turn;
  }

  private tick(): void {
    const { own, others, isAway } = this.options;
    const isBusy = own.size > 0 || others.size > 0 || isAway();
    this.timer = isBusy ? setTimeout(() => this.tick(), LOOK_MS).unref() : undefined;
    if (isBusy) void this.lookNext();
  }

  private quietLook(): void {
    const { writer } = this.options;
    if (!writer.works) writer.start();
    void this.lookNext();
  }

  private lookNow(): Promise<void> {
    this.sharedLook = undefined;
    this.lookedAt = performance.now();
    return this.lookNext();
  }

  private lookNext(): Promise<void> {
    this.nextLook ??= this.inTurn(() => {
      this.nextLook = undefined;
      return this.read();
    });
    return this.nextLook;
  }

  private async read(): Promise<void> {
    const { folder, names, own, others, writer, onHeld } = this.options;
    const theirs = (all: Set<string>): string[] => [...all].filter((name) => !names.isOwn(name));
    const found = await list(folder);
    for (const file of await own.takenAway(found)) writer.lose(file);
    onHeld(await others.read(theirs(found), async () => theirs(await list(folder))));
    this.readAt = performance.now();
  }

  private async adoptOne(tail: Tail): Promise<void> {
    const { names, own, others, writer, report, onHeld } = this.options;
    const name = basename(tail.path);
    const adopted = await adopt(tail, names, report);
    if (!adopted) return;
    others.forget(name);
    others.see(tail.highest);
    own.add(adopted.file);
    onHeld(adopted.fresh);
    writer.start();
  }

  /** Never rejects. An error is reported once until it goes well again. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const guarded = async (): Promise<void> => {
      if (this.isStopped) return;
      try {
        await work();
        this.isFailing = false;
      } catch (error) {
        if (!this.isFailing) this.options.report('the outbox folder cannot be read', error);
        this.isFailing = true;
      }
    };
    this.turn = this.turn.then(guarded);
    return this.turn;
  }
}
