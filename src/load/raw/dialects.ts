import type { Dialect } from './client';

/** Chatfleet's own wire. */
export const ours: Dialect = {
  hello: true,
  audience: 'members',
  join: (room) => ['join', { room }],
  send: (room, text) => ['sendMessage', { room, text }],
};

/** The servers to compare with: the same, without `hello`. */
export const peer: Dialect = { ...ours, hello: false };

/** Acknowledged, and shown to nobody. */
export const peerToNobody: Dialect = {
  ...peer,
  send: (_room, text) => ['sendMessage', { text }],
  audience: 'nobody',
};

/** Any chat server that knows `sendMessage`: everybody is where the server puts him. */
export const anyServer: Dialect = {
  hello: false,
  audience: 'unknown',
  send: (_room, text) => ['sendMessage', text],
};
