import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, readSettings } from '../config/load';
import { readSecrets } from '../config/secrets';
import { redisUrlOf } from '../config/redis-url';
import { tokenSecretOf } from '../config/token-secret';
import { KILL_TIMEOUT_MS } from '../fleet/apps';
import { drainInTurn } from './drain-in-turn';
import { createServer } from './server';

/** What has not ended by then is ended; PM2 would kill it a little later. */
const STOP_WITHIN_MS = KILL_TIMEOUT_MS - 1_000;

/** Runs one chat server in this process: SERVER_NAME and PORT come from the fleet's plan. */
async function main(): Promise<void> {
  const { settings } = readSettings();
  const { SERVER_NAME: name, PORT: port } = process.env;
  if (!name || !port) throw new Error('SERVER_NAME and PORT are set by the fleet: start it with `npm start`');
  const secrets = readSecrets(settings.varDir);
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { guestSecret, operatorSecret } = secrets;
  const server = await createServer({
    name,
    settings,
    redisUrl: redisUrlOf(settings, secrets),
    guestSecret,
    tokenSecret: tokenSecretOf(settings, secrets),
    outboxFolder: join(settings.varDir, 'outbox'),
    operatorSecret,
    version,
  });

  const stop = async (isInTurn: boolean): Promise<void> => {
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    try {
      if (isInTurn && !server.isClosed()) await drainInTurn(server, settings, Number(port));
    } catch (error) {
      console.error('the drain failed; the server stops without', error);
    }
    await server.stop();
    process.exit(0);
  };
  // PM2 sends SIGINT, to several servers at a time.
  process.once('SIGINT', () => void stop(true));
  process.once('SIGTERM', () => void stop(false));

  await server.listen(Number(port));
  process.send?.('ready');
}

// A second line: no promise is left floating by us, but a library may do so, and chat must not end for that.
process.on('unhandledRejection', (error) => console.error('unhandled rejection', error));

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
