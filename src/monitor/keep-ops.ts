import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const AGAIN_MS = 5_000;
/** What the thread may keep in memory: beyond that it ends, and begins anew. */
const MEMORY_MB = 512;

/**
 * Shows the operator's page and `/metrics` from a thread of its own, for as long as this process lives. Whatever a client does
 * to it, and whatever it runs out of, the record is written meanwhile. What ended it is said once.
 */
export function keepOps(): void {
  let said = '';
  const start = (): void => {
    const thread = new Worker(join(__dirname, 'ops', 'main.js'), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    thread.on('error', (error: Error) => {
      if (error.message !== said) console.error('The operator page ended, and is tried again:', error);
      said = error.message;
    });
    thread.once('exit', () => setTimeout(start, AGAIN_MS));
  };
  start();
}
