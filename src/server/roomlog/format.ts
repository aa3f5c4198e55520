import { hash } from 'node:crypto';
import {
  textOf,
  type Entry,
  type EntryBody,
  type PageMessage,
  type Reactions,
  type Ref,
  type Tombstone,
} from '../../protocol/entries';
import type { LogSlice, LogState } from './types';

/** An entry as read.lua returns it. */
export type Row = [seq: number, n: number, json: string];
/** A message as page.lua returns it. */
export type PageRow = [...Row, edit: string, reactions: string[]];

/** An entry as append.lua takes it. */
export function argsOf(body: EntryBody): (string | number)[] {
  const { id, kind, from, at, ...content } = body;
  const rest = { ...content, target: undefined };
  return [
    keyOf({ from: from.id, id }),
    digestOf(body),
    kind === 'reaction' ? (body.on ? 'on' : 'off') : kind,
    at,
    headOf(body),
    leading(inner(rest)),
    kind === 'message' ? '' : keyOf(body.target),
    detailOf(body),
    kind === 'reaction' ? from.id : '',
  ];
}

/** An entry of the log as restore.lua takes it. */
export function lostArgsOf(entry: Entry): (string | number)[] {
  if ('deleted' in entry) {
    const kind = entry.kind === 'message' ? 'gone' : 'gone-edit';
    return [keyOf({ from: entry.from.id, id: entry.id }), '', kind, entry.at, headOf(entry), '', '', '', ''];
  }
  const { room: _room, epoch: _epoch, seq: _seq, n: _n, ...body } = entry;
  return argsOf(body as EntryBody);
}

/** Of an entry, what its delete leaves. */
function headOf(body: EntryBody | Tombstone): string {
  const { id, kind, from, at } = body;
  const target = 'target' in body ? { target: body.target } : {};
  return inner({ id, kind, from: { id: from.id, name: from.name }, at, ...target });
}

function detailOf(body: EntryBody): string {
  if (body.kind === 'edit') return inner({ text: body.text, edited: body.at });
  if (body.kind === 'reaction') return body.emoji;
  if (body.kind === 'message') return '';
  // If the log has lost the message: nobody knows its author's name any more.
  const { id, from } = body.target;
  return headOf({ id, kind: 'message', from: { id: from, name: from }, at: body.at, deleted: true });
}

export function toEntry(room: string, epoch: string, [seq, n, json]: Row): Entry {
  return { room, epoch, seq, n, ...(JSON.parse(json) as EntryBody) };
}

export function toMessage(room: string, epoch: string, row: PageRow): PageMessage {
  const [seq, n, json, edit, reactions] = row;
  const now = JSON.parse(json) as Omit<PageMessage, 'room' | 'epoch' | 'seq' | 'n'>;
  const changes = JSON.parse(`{${edit}}`) as Pick<PageMessage, 'text' | 'edited'>;
  const message: PageMessage = { room, epoch, seq, n, ...now, ...changes };
  if (reactions.length > 0) message.reactions = reactionsOf(reactions);
  return message;
}

/** From entries, so that no emoji can be more than a key. */
function reactionsOf(emojiAndUsers: string[]): Reactions {
  const entries: [string, string[]][] = [];
  for (let i = 0; i < emojiAndUsers.length; i += 2)
    entries.push([emojiAndUsers[i]!, emojiAndUsers[i + 1]!.slice(1, -1).split('\n')]);
  return Object.fromEntries(entries);
}

/** What append.lua publishes. Throws for a version that it does not know. */
export function parsePublished(room: string, message: Buffer): LogSlice {
  type Published = LogState & { v: number; entries: [seq: number, n: number, body: EntryBody][] };
  const { v, epoch, first, head, n, entries } = JSON.parse(message.toString()) as Published;
  if (v !== 1) throw new Error(`published in an unknown version: ${v}`);
  const placed = entries.map(([seq, upTo, body]): Entry => ({ room, epoch, seq, n: upTo, ...body }));
  return { epoch, first, head, n, entries: placed };
}

export const keyOf = ({ from, id }: Ref): string => JSON.stringify([from, id]);

/** The members of an object as JSON, without its braces. */
const inner = (value: object): string => JSON.stringify(value).slice(1, -1);
const leading = (members: string): string => (members === '' ? '' : `,${members}`);

/** What makes two entries with the same id the same: the content, not the time or the sender's shown name. */
function digestOf(body: EntryBody): string {
  const ref = body.kind === 'message' ? body.replyTo : body.target;
  const reaction = body.kind === 'reaction' ? [body.emoji, body.on] : [];
  const content = JSON.stringify([body.kind, textOf(body), ref?.from, ref?.id, ...reaction]);
  return hash('sha1', content, 'base64');
}
