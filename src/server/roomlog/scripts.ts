import { join } from 'node:path';
import { Script } from '../../redis/script';

const script = (name: string): Script =>
  new Script(join(__dirname, 'log.lua'), join(__dirname, `${name}.lua`));

/** The scripts of a room's log: each takes all keys of the room and is one atomic step. */
export const scripts = {
  append: script('append'),
  read: script('read'),
  page: script('page'),
  trim: script('trim'),
};
