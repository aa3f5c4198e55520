import { checkHosts } from '../support/outbox-model';

test('[OUTBOX-9] whoever adopts whatever when, and dies: nothing acknowledged is lost, each sender keeps his order', async () => {
  await checkHosts(150);
}, 600_000);
