import { Silence } from '../../src/monitor/silence';

const one = { name: 'chat-3001', port: 3001 };
const two = { name: 'chat-3002', port: 3002 };

test('[NGINX-30] a server is silent after three questions without an answer, until it answers', () => {
  const silence = new Silence([]);
  for (let i = 0; i < 2; i++) silence.heard([[one, 'no'], [two, 'refused']]); // prettier-ignore
  expect(silence.endpoints).toEqual([]);
  silence.heard([[one, 'no'], [two, 'refused']]); // prettier-ignore
  expect(silence.endpoints).toEqual(['127.0.0.1:3001']);
  silence.heard([[one, 'no'], [two, 'yes']]); // prettier-ignore
  expect(silence.endpoints).toEqual(['127.0.0.1:3001']);
  silence.heard([[one, 'yes'], [two, 'no']]); // prettier-ignore
  expect(silence.endpoints).toEqual([]);
});

test('[NGINX-30] one that was silent before is silent until it answers', () => {
  const silence = new Silence(['127.0.0.1:3001', '127.0.0.1:3002']);
  silence.heard([[one, 'no'], [two, 'yes']]); // prettier-ignore
  expect(silence.endpoints).toEqual(['127.0.0.1:3001']);
});
