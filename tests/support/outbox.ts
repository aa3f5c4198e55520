import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageBody } from '../../src/protocol/entries';
import { DiskOutbox, type DiskOutboxOptions } from '../../src/server/outbox/disk';
import type { Held } from '../../src/server/outbox/types';
import { onCleanup } from './cleanup';

/** A new empty folder for outboxes. */
export async function outboxFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'outbox-'));
  onCleanup(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestOutbox {
  outbox: DiskOutbox;
  /** What it reported. */
  reports: string[];
  /** Ids of what its listener was told, in order. */
  told: string[];
}

export async function openOutbox(
  folder: string,
  server = 'a',
  options: Partial<DiskOutboxOptions> = {},
): Promise<TestOutbox> {
  const reports: string[] = [];
  const told: string[] = [];
  const report = (problem: string): void => void reports.push(problem);
  const outbox = await DiskOutbox.open({ folder, server, isAway: () => false, report, ...options });
  outbox.onHeld((held) => told.push(...held.map(({ body }) => body.id)));
  onCleanup(() => outbox.close());
  return { outbox, reports, told };
}

export function bodyOf(id: string, from = 'ann', text = `text of ${id}`): MessageBody {
  return { id, kind: 'message', from: { id: from, name: from }, at: 1_000, text };
}

export const idsOf = (held: Held[]): string[] => held.map(({ body }) => body.id);

export async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.outbox'));
}

/** All bytes of all outbox files. */
export async function bytesIn(folder: string): Promise<string> {
  const names = await filesIn(folder);
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('');
}
