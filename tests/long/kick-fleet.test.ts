import { testFleet } from '../support/fleet';
import { enter, named } from '../support/person';

test('[KICK-9] without Redis a kick is everywhere when each server was asked, and else names the silent ones', async () => {
  const fleet = await testFleet(2);
  expect((await fleet.run(['up'])).code).toBe(0);
  for (const port of [fleet.basePort, fleet.basePort + 1])
    await enter({ url: `http://127.0.0.1:${port}` }, named('Eve'));
  await fleet.pm2('stop', 'chat-redis');
  const everywhere = await fleet.run(['kick', 'guest:Eve']);
  expect(everywhere).toMatchObject({ code: 0, stdout: '2 connections of guest:Eve ended.\n' });
  const silent = `chat-${fleet.basePort + 1}`;
  await fleet.pm2('stop', silent);
  const { code, stdout } = await fleet.run(['kick', 'guest:Eve']);
  expect(code).toBe(3);
  expect(stdout).toContain(`${silent}: no answer on port`);
  expect(stdout).not.toContain(`chat-${fleet.basePort}: `);
}, 90_000);
