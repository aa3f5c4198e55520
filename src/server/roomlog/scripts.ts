import { join } from 'node:path';
import { Script } from '../../redis/script';

const script = (...names: string[]): Script =>
  new Script(...['log', ...names].map((name) => join(__dirname, `${name}.lua`)));

/** The scripts of a room's log: each takes all keys of the room and is one atomic step. */
export const scripts = {
  append: script('write', 'append'),
  restore: script('write', 'restore'),
  read: script('read'),
  page: script('page'),
  trim: script('trim'),
};
