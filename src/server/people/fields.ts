import { join } from 'node:path';
import { Script } from '../../redis/script';
import type { Commands } from '../../redis/shard';

const script = new Script(join(__dirname, 'fields.lua'));

/** All fields of a hash, which is kept for `keepMs` from now on if given. Rejects with RedisAway. */
export async function fieldsOf(commands: Commands, key: string, keepMs = 0): Promise<Map<string, string>> {
  const flat = (await script.run(commands, [key], [`${keepMs}`])) as string[];
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i]!, flat[i + 1]!);
  return fields;
}
