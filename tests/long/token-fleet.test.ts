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

test('[AUTH-21] what no server would take is wrong usage, with nothing on stdout', async () => {
  const { run } = await testFleet(1);
  const ann = ['--user', 'ann'];
  const wrong = [
    [],
    ['--user', ''],
    ['--user', 'guest:ann'],
    ['--user', 'a\nb'],
    [...ann, '--name', ''],
    [...ann, '--name', 'x'.repeat(41)],
    [...ann, '--rooms', ''],
    [...ann, '--rooms', 'a,'],
    [...ann, '--role', 'admin'],
    ...['0s', '5', '5w', '-1h', '1.5h', ''].map((time) => [...ann, `--for=${time}`]),
    [...ann, 'more'],
  ];
  const ended = await Promise.all(wrong.map((args) => run(['token', ...args])));
  expect(ended.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
    wrong.map(() => ({ code: 2, stdout: '' })),
  );
  for (const { stderr } of ended) expect(stderr).not.toBe('');
});
