import { FleetError } from '../../src/fleet/errors';
import { wentBack } from '../../src/fleet/go-back';
import { mostOf } from '../../src/fleet/roll';

const late = new FleetError(
  'timeout',
  'Not ready: chat-3005',
  'The rest goes on.',
  'npx fleet logs chat-3005',
);

test('[SCALE-8] what most of the servers ran is what a deploy goes back to', () => {
  expect(mostOf(['b', 'a', 'a'])).toBe('a');
  expect(mostOf(['a', 'b'])).toBe('a');
  expect(mostOf([])).toBeUndefined();
});

test('[SCALE-17] why a deploy failed is said, whatever failed on the way back', () => {
  expect(wentBack(late, 'a1', undefined)).toMatchObject({
    kind: 'timeout',
    message: 'Not ready: chat-3005',
    unchanged: 'All servers run the build from before (a1).',
    next: 'npx fleet logs chat-3005',
  });
  expect(wentBack(late, 'a1', new Error('nginx is gone'))).toMatchObject({
    kind: 'timeout',
    message: 'Not ready: chat-3005',
    unchanged: 'Not all is as before (a1): nginx is gone',
    next: 'npx fleet status',
  });
  const odd = new Error('odd');
  expect(wentBack(odd, 'a1', new Error('nginx is gone'))).toBe(odd);
});
