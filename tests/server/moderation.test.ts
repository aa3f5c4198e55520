import { startServers } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';
import { tokenFor } from '../support/tokens';
import { moderationCases } from './moderation-cases';

moderationCases(async () => {
  const servers = (await startServers(await startRedis(), 2)) as [TestServer, TestServer];
  return { servers, token: (claims) => tokenFor({ ...claims }) };
});
