import { join } from 'node:path';
import { projectRoot, readSettings } from '../../config/load';
import { openOps } from './ops';

/** Runs in a thread of the monitor (keep-ops.ts): what it throws ends the thread, and nothing else. */
const { settings } = readSettings();
const { http } = openOps(settings, join(projectRoot, 'dist', 'ops'));
http.listen({ host: '127.0.0.1', port: settings.opsPort }).catch((error: unknown) => {
  setImmediate(() => {
    throw error;
  });
});
