import { testFleet } from '../support/fleet';

const JWT_JWKS_URL = 'https://login.example.org/keys';

test('[AUTH-25] up sees a message cross where guests are not allowed too, unless the fleet signs no tokens', async () => {
  const { run } = await testFleet(1);
  const up = async (env: Record<string, string>) => {
    const { code, stderr } = await run(['up'], { GUESTS: 'no', ...env });
    expect(code).toBe(0);
    expect((await run(['down'])).code).toBe(0);
    return stderr;
  };
  expect(await up({})).toMatch(/ok {4}message .* -> /);
  expect(await up({ JWT_JWKS_URL })).toMatch(/ok {4}message .* left out: /);
}, 120_000);
