import { createHash } from 'node:crypto';
import {
  textOf,
  type Entry,
  type EntryBody,
  type PageMessage,
  type Reactions,
  type Ref,
} from '../../protocol/entries';
import type { LogSlice, LogState } from './types';

/** An entry as read.lua returns it. */
export type Row = [seq: number, n: number, json: string];
/** A message as page.lua returns it. */
export type PageRow = [...Row, edit: string, reactions: string[]];

/** An entry as append.lua takes it. */
export function argsOf(body: EntryBody): (string | number)[] {
  const { id, kind, from, at, ...content } = body;
  const target = 'target' in content ? { target: content.target } : {};
  const head = { id, kind, from: { id: from.id, name: from.name }, at, ...target };
  const rest = { ...content, target: undefined };
  return [
    keyOf({ from: from.id, id }),
    digestOf(body),
    kind === 'reaction' ? (body.on ? 'on' : 'off') : kind,
    at,
    inner(head),
    leading(inner(rest)),
    kind === 'message' ? '' : keyOf(body.target),
    kind === 'edit' ? inner({ text: body.text, edited: at }) : kind === 'reaction' ? body.emoji : '',
    kind === 'reaction' ? from.id : '',
  ];
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

const keyOf = ({ from, id }: Ref): string => JSON.stringify([from, id]);

/** The members of an object as JSON, without its braces. */
const inner = (value: object): string => JSON.stringify(value).slice(1, -1);
const leading = (members: string): string => (members === '' ? '' : `,${members}`);

/** What makes two entries with the same id the same: the content, not the time or the sender's shown name. */
function digestOf(body: EntryBody): string {
  const ref = body.kind === 'message' ? body.replyTo : body.target;
  const reaction = body.kind === 'reaction' ? [body.emoji, body.on] : [];
  const content = JSON.stringify([body.kind, textOf(body), ref?.from, ref?.id, ...reaction]);
  return createHash('sha1').update(content).digest('base64');
}
