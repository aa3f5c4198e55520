import { crc32 } from 'node:zlib';
import type { MessageBody, Ref } from '../../protocol/entries';
import type { Held } from './types';

/** Of the records, not of the program: one of another version is reported and kept, never guessed at. */
const VERSION = 1;
/** So that a line stays far below MAX_LINE. */
const DONE_AT_ONCE = 1_000;
/** Bytes. The longest message has 4,000 code points, escaped some 48 kB. */
export const MAX_LINE = 262_144;

/** What a line says. `index` names a message within its file. */
export type OutboxRecord =
  | { kind: 'message'; index: number; held: Held }
  | { kind: 'done'; indexes: number[] }
  | { kind: 'unknown'; version: unknown }
  | { kind: 'damaged'; why: string };

/** A line of a file: the CRC-32 of the JSON as 8 hex digits, a space, the JSON, a newline. */
export function encodeMessage(index: number, { order, room, body }: Held): string {
  return encode({ v: VERSION, i: index, order, room, body });
}

/** Lines that say that these messages of the file are held no longer. */
export function encodeDone(indexes: number[]): string {
  let lines = '';
  for (let i = 0; i < indexes.length; i += DONE_AT_ONCE)
    lines += encode({ v: VERSION, done: indexes.slice(i, i + DONE_AT_ONCE) });
  return lines;
}

/** Takes a line without its newline, whatever is in it. */
export function decode(line: string): OutboxRecord {
  const json = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(json)} `) return { kind: 'damaged', why: 'the checksum does not fit' };
  try {
    return recordOf(JSON.parse(json) as unknown);
  } catch {
    return { kind: 'damaged', why: 'not JSON' };
  }
}

function recordOf(value: unknown): OutboxRecord {
  if (!isObject(value)) return { kind: 'damaged', why: 'no record' };
  const { v, i, order, room, body, done } = value;
  if (v !== VERSION) return { kind: 'unknown', version: v };
  if (Array.isArray(done) && done.every(isCount)) return { kind: 'done', indexes: done };
  if (isCount(i) && isCount(order) && typeof room === 'string' && isMessage(body))
    return { kind: 'message', index: i, held: { room, body, order } };
  return { kind: 'damaged', why: 'no record' };
}

function encode(record: object): string {
  const json = JSON.stringify(record);
  return `${checksum(json)} ${json}\n`;
}

const checksum = (json: string): string => crc32(json).toString(16).padStart(8, '0');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const areTexts = (...values: unknown[]): boolean => values.every((value) => typeof value === 'string');

const isRef = (value: unknown): value is Ref => isObject(value) && areTexts(value['from'], value['id']);

function isMessage(value: unknown): value is MessageBody {
  if (!isObject(value) || !isObject(value['from'])) return false;
  const { id, kind, from, at, text, replyTo } = value;
  const whole = kind === 'message' && areTexts(id, text, from['id'], from['name']) && isCount(at);
  return whole && (replyTo === undefined || isRef(replyTo));
}
