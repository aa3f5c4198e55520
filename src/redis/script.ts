import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Commands } from './shard';

/** A Lua script of one or more files, in this order: called by its digest, and with its text at once where Redis has lost it. */
export class Script {
  private readonly text: string;
  private readonly digest: string;

  constructor(...files: string[]) {
    this.text = files.map((file) => readFileSync(file, 'utf8')).join('\n');
    this.digest = createHash('sha1').update(this.text).digest('hex');
  }

  /** All keys are in one slot. Rejects with RedisAway. */
  run(commands: Commands, keys: [string, ...string[]], args: string[]): Promise<unknown> {
    const options = { keys, arguments: args };
    return commands.run(keys[0], async (client): Promise<unknown> => {
      try {
        return await client.evalSha(this.digest, options);
      } catch (error) {
        if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
        return client.eval(this.text, options);
      }
    });
  }
}
