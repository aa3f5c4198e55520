import { createHash } from 'node:crypto';
import type { Ref } from '../../src/protocol/entries';
import { LOBBY } from '../../src/protocol/limits';
import { clientEvents } from '../../src/protocol/schemas';
import type { Rights } from '../../src/server/people/types';
import { eventually } from '../support/eventually';
import { enter, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';
import { tokenFor } from '../support/tokens';

let server: TestServer;

beforeAll(async () => {
  [server] = (await startServers(await startRedis(), 1)) as [TestServer];
});

const key = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 28);
const direct = (a: string, b: string): string => ['dm', ...[key(a), key(b)].sort()].join(':');

/** A guest without claims, a user with a token for those who have some. */
const authOf = async (name: string, rights: Rights | undefined) =>
  rights ? { token: await tokenFor({ sub: name, ...rights }) } : { name };

/** A payload of each event that names a room; null for one that names none. `target` is deleted last. */
const payloads: Record<string, ((room: string, target: Ref) => object) | null> = {
  sendMessage: (room) => ({ room, text: 'hi' }),
  editMessage: (room, target) => ({ room, target, text: 'better' }),
  react: (room, target) => ({ room, target, emoji: '👍', on: true }),
  join: (room) => ({ room }),
  history: (room) => ({ room }),
  search: (room) => ({ room, query: 'hi' }),
  detach: (room) => ({ room }),
  leave: (room) => ({ room }),
  typing: (room) => ({ room, active: true }),
  markRead: (room) => ({ room, epoch: 'x', seq: 0 }),
  members: (room) => ({ room }),
  deleteMessage: (room, target) => ({ room, target }),
  rooms: null,
  openDirect: null,
  refreshToken: null,
};

const kinds = ['lobby', 'allowed', 'not allowed', 'own dm', 'foreign dm'] as const;
const roles: Record<string, Rights | undefined> = {
  guest: undefined,
  user: { rooms: ['team-*'] },
  moderator: { rooms: ['team-*'], role: 'moderator' },
};

function roomOf(kind: (typeof kinds)[number], userId: string): string {
  if (kind === 'lobby') return LOBBY;
  if (kind === 'own dm') return direct(userId, 'guest:somebody');
  if (kind === 'foreign dm') return direct('guest:somebody', 'guest:else');
  return kind === 'allowed' ? `team-${newRoom()}` : newRoom();
}

const isAllowed = (kind: (typeof kinds)[number], role: string): boolean =>
  kind === 'not allowed' ? role === 'guest' : kind !== 'foreign dm';

const target: Ref = { from: 'guest:nobody', id: 'none' };
const roomEvents = Object.keys(payloads).filter((event) => payloads[event] !== null);
/** Those that need no membership on the connection. */
const ENTERING = ['join', 'detach', 'leave'];

async function expectOutside(person: Person, room: string): Promise<void> {
  for (const event of roomEvents.filter((each) => !ENTERING.includes(each))) {
    expect([event, await person.refusal(event, payloads[event]!(room, target))]).toEqual([
      event,
      'not_a_member',
    ]);
  }
}

async function expectInside(person: Person, room: string): Promise<void> {
  const { id } = await person.say(room, 'hi');
  const own = { from: person.hello.user.id, id };
  for (const event of roomEvents.filter((each) => !ENTERING.includes(each))) {
    const code = await person.refusal(event, payloads[event]!(room, own));
    expect([event, event === 'markRead' ? 'epoch_changed' : undefined]).toEqual([event, code]);
  }
}

test('[PEOPLE-17] every event is in the matrix', () => {
  expect(Object.keys(payloads).sort()).toEqual(Object.keys(clientEvents).sort());
});

describe.each(Object.keys(roles))('%s', (role) => {
  test.each(kinds)('[PEOPLE-17] ... in a room of the kind: %s', async (kind) => {
    const name = `${role} ${kind}`;
    const auth = await authOf(name, roles[role]);
    const person = await enter(server, { auth });
    const room = roomOf(kind, person.hello.user.id);
    for (const event of ['detach', 'leave'] as const) await person.accepted(event, { room });
    await expectOutside(person, room);
    const allowed = isAllowed(kind, role);
    expect(await person.refusal('join', { room })).toBe(allowed ? undefined : 'forbidden');
    if (allowed) await expectInside(person, room);
    await person.accepted('leave', { room });
    await expectOutside(person, room);
    const rooms = { [room]: { epoch: 'x', seq: 0 } };
    const again = await enter(server, { auth: { ...auth, rooms } });
    expect(again.hello.rooms.some((row) => row.room === room)).toBe(allowed);
    await expectOutside(again, room);
  });
});

test('[PEOPLE-12] what the claims do not allow any more is neither listed nor told', async () => {
  const name = 'formerly of the team';
  const [team, project] = [`team-${newRoom()}`, `project-${newRoom()}`];
  const before = await enter(server, { auth: await authOf(name, { rooms: ['team-*', 'project-*'] }) });
  for (const room of [team, project]) await before.join(room);
  before.end();
  const after = await enter(server, { auth: await authOf(name, { rooms: ['project-*'] }) });
  const told: string[] = [];
  after.socket.on('activity', ({ room }) => told.push(room));
  await eventually(async () => {
    const { rooms } = await after.accepted('rooms', {});
    expect(rooms.map(({ room }) => room).sort()).toEqual([LOBBY, project].sort());
  });
  const writer = await enter(server, named('writer'));
  for (const room of [team, project]) {
    await writer.join(room);
    await writer.say(room, 'hi');
  }
  await eventually(() => expect(told).toEqual([project]));
});
