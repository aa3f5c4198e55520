import { enter, gather, named, newRoom, startServers, type Person } from '../support/person';
import { startRedis } from '../support/redis';
import type { TestServer } from '../support/server';

let servers: TestServer[];
let ann: Person;
let ben: Person;
/** Ann once more, on another server. */
let ann2: Person;

beforeAll(async () => {
  servers = await startServers(await startRedis(), 3);
  const [one, two, three] = servers as [TestServer, TestServer, TestServer];
  ann = await enter(one, named('Ann'));
  ben = await enter(two, named('Ben'));
  ann2 = await enter(three, named('Ann'));
});

async function roomOfAll(): Promise<string> {
  const room = newRoom();
  await gather(room, ann, ben, ann2);
  return room;
}

describe('sendMessage', () => {
  test('[SEND-1] a string goes to lobby and gets an id of the server', async () => {
    const before = Date.now();
    const answer = await ann.accepted('sendMessage', 'to the lobby');
    expect(answer).toStrictEqual({
      ok: true,
      id: expect.stringMatching(/^[\x20-\x7e]{1,64}$/) as string,
      room: 'lobby',
      status: 'committed',
      epoch: ann.hello.rooms[0]!.epoch,
      seq: expect.any(Number) as number,
      at: expect.any(Number) as number,
    });
    expect(Number.isInteger(answer.at)).toBe(true);
    expect(answer.at).toBeGreaterThanOrEqual(before);
    expect(answer.at).toBeLessThanOrEqual(Date.now());
    expect((await ben.hears('lobby', 'to the lobby')).id).toBe(answer.id);
  });

  test('[SEND-1] two strings are two messages, also with the same text', async () => {
    const first = await ann.accepted('sendMessage', 'twice');
    const second = await ann.accepted('sendMessage', 'twice');
    expect(second.id).not.toBe(first.id);
  });

  test('[SEND-2] the object form answers its place, and members get exactly the documented entry', async () => {
    const room = await roomOfAll();
    const replyTo = { from: 'guest:Nobody', id: 'never seen' };
    const answer = await ann.accepted('sendMessage', { room, text: 'hi', id: 'm 1', replyTo });
    const { epoch, at } = answer as Extract<typeof answer, { status: 'committed' }>;
    expect(answer).toStrictEqual({ ok: true, id: 'm 1', room, status: 'committed', epoch, seq: 1, at });
    const entry = await ben.hears(room, 'hi');
    const from = { id: 'guest:Ann', name: 'Ann' };
    expect(entry).toStrictEqual({
      ...{ room, epoch, seq: 1, n: 1, id: 'm 1', kind: 'message', from, at, text: 'hi', replyTo },
    });
  });

  test('[SEND-2] an entry without replyTo has no such key', async () => {
    const room = await roomOfAll();
    const { id } = await ann.say(room, 'plain');
    const entry = await ben.hears(room, 'plain');
    expect(Object.keys(entry).sort()).toEqual(
      ['room', 'epoch', 'seq', 'n', 'id', 'kind', 'from', 'at', 'text'].sort(),
    );
    expect(entry.id).toBe(id);
  });

  test('[SEND-3] a repeat answers the first place, on the same and on another server, and yields one entry', async () => {
    const room = await roomOfAll();
    const first = await ann.say(room, 'once', 'x');
    await ben.say(room, 'between');
    expect(await ann.say(room, 'once', 'x')).toStrictEqual(first);
    expect(await ann2.say(room, 'once', 'x')).toStrictEqual(first);
    const { seq } = await ben.say(room, 'last');
    expect(seq).toBe(3);
    await ben.reaches(room, 3);
    expect(ben.texts(room)).toEqual(['once', 'between', 'last']);
  });

  test('[SEND-3] 50 repeats at once on three servers yield one entry, and all answers are the same', async () => {
    const room = newRoom();
    const all = await Promise.all(servers.map((server) => enter(server, named('Echo'))));
    await gather(room, ben, ...all);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => all[i % 3]!.say(room, 'burst', 'same')),
    );
    for (const answer of answers) expect(answer).toStrictEqual(answers[0]);
    const { seq } = await ben.say(room, 'end');
    expect(seq).toBe(2);
    await ben.reaches(room, 2);
    expect(ben.texts(room)).toEqual(['burst', 'end']);
  });

  test('[SEND-4] the same id with other content is id_conflict, also on another server', async () => {
    const room = await roomOfAll();
    const replyTo = { from: 'guest:Ben', id: 'b' };
    await ann.say(room, 'original', 'x');
    await ann.accepted('sendMessage', { room, text: 'reply', id: 'y', replyTo });
    for (const person of [ann, ann2]) {
      for (const other of [
        { text: 'Original', id: 'x' },
        { text: 'original', id: 'x', replyTo },
        { text: 'reply', id: 'y' },
        { text: 'reply', id: 'y', replyTo: { ...replyTo, id: 'c' } },
      ]) {
        expect(await person.refusal('sendMessage', { room, ...other })).toBe('id_conflict');
      }
    }
    expect((await ann.say(room, 'original', 'x')).seq).toBe(1);
    expect((await ben.say(room, 'next')).seq).toBe(3);
  });

  test('[SEND-5] an id belongs to its user and its room: the same id of others is another message', async () => {
    const [room, other] = [await roomOfAll(), await roomOfAll()];
    expect((await ann.say(room, 'of Ann', 'x')).seq).toBe(1);
    expect((await ben.say(room, 'of Ben', 'x')).seq).toBe(2);
    expect((await ann.say(other, 'elsewhere', 'x')).seq).toBe(1);
    await ann.reaches(room, 2);
    expect(ann.texts(room)).toEqual(['of Ann', 'of Ben']);
  });

  test.each(['x', ' ', '~', 'a'.repeat(64), '__proto__', 'constructor', `"},{'\\ :`, '0'])(
    '[SEND-6] %j is an id',
    async (id) => {
      const room = await roomOfAll();
      expect((await ann.say(room, 'text', id)).id).toBe(id);
      expect((await ann2.say(room, 'text', id)).seq).toBe(1);
    },
  );

  test.each<unknown>(['', 'a'.repeat(65), 'é', 'a\n', '\x7f', '\x1f', '한', 5, null, {}, ['x'], true])(
    '[SEND-6] %j is no id',
    async (id) => {
      expect(await ann.refusal('sendMessage', { room: 'lobby', text: 'text', id })).toBe('invalid');
    },
  );

  test.each([
    ['one character', 'x'],
    ['4,000 letters', 'x'.repeat(4_000)],
    ['4,000 characters outside the basic plane', '😀'.repeat(4_000)],
    ['decomposed letters, which stay so', 'e\u0301 \u1112\u1161\u11ab \u212b'],
    ['spaces around', '  padded\t\n'],
    ['line ends of all kinds', 'a\r\nb\rc\nd\u2028e\u2029f'],
    ['NUL and control characters', 'a\0b\u0007c\u001bd\u0085e'],
    ['joined emoji and marks for direction', '👩‍👩‍👧‍👦 \u202eright\u202c \u200dx\ufe0f'],
    ['quotes, markup and escapes', `</script>"'\\u0041\\n\${x}{{y}}%s%d`],
    ['JSON', '{"seq":1,"__proto__":{"x":1}}'],
    ['the replacement character and noncharacters', '\ufffd\ufffe\uffff\u{10ffff}'],
  ])('[SEND-7] a text of %s is stored and delivered unchanged', async (_, text) => {
    const room = await roomOfAll();
    await ann.say(room, text);
    await ben.reaches(room, 1);
    expect(ben.texts(room)).toEqual([text]);
    const { messages } = await ann2.accepted('history', { room });
    expect(messages.map((message) => message.text)).toEqual([text]);
  });

  test('[SEND-7] the string form stores its text unchanged too', async () => {
    const text = ' A\u030a\0\n';
    const { id } = await ann.accepted('sendMessage', text);
    const entry = await ben.hears('lobby', text);
    expect(entry.id).toBe(id);
  });

  test.each([
    ['4,001 letters', 'x'.repeat(4_001)],
    ['4,001 characters outside the basic plane', '😀'.repeat(4_001)],
    ['8,001 letters', 'x'.repeat(8_001)],
    ['4,001 spaces and more', ' '.repeat(4_001) + 'x'],
  ])('[SEND-8] a text of %s is too_large', async (_, text) => {
    expect(await ann.refusal('sendMessage', { room: 'lobby', text })).toBe('too_large');
    expect(await ann.refusal('sendMessage', text)).toBe('too_large');
  });

  test.each([
    ['nothing', ''],
    ['a space', ' '],
    ['line feeds and tabs', '\n\t\r\n'],
    ['spaces of other scripts', '\u3000\u2003\u00a0'],
    ['a lone high surrogate', 'a\ud83d'],
    ['a lone low surrogate', '\ude00a'],
    ['surrogates in the wrong order', '\ude00\ud83d'],
  ])('[SEND-8] a text of %s is invalid', async (_, text) => {
    expect(await ann.refusal('sendMessage', { room: 'lobby', text })).toBe('invalid');
    expect(await ann.refusal('sendMessage', text)).toBe('invalid');
  });

  test('[SEND-9] sending to a room that is not joined on this connection is not_a_member', async () => {
    const room = newRoom();
    await ann2.join(room);
    expect(await ann.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
    expect(await ben.refusal('sendMessage', { room, text: 'x' })).toBe('not_a_member');
  });

  test('[SEND-10] without an acknowledgement a message is carried out too', async () => {
    const room = await roomOfAll();
    ann.socket.emit('sendMessage', { room, text: 'no answer wanted', id: 'q' });
    ann.socket.emit('sendMessage', 'nor here');
    expect((await ben.hears(room, 'no answer wanted')).id).toBe('q');
    await ben.hears('lobby', 'nor here');
  });

  test('[SEND-11] the sender gets its own entry, once, on all its connections', async () => {
    const room = await roomOfAll();
    await ann.say(room, 'mine');
    await ben.say(room, 'marker');
    for (const person of [ann, ann2, ben]) {
      await person.reaches(room, 2);
      expect(person.texts(room)).toEqual(['mine', 'marker']);
    }
  });

  test('[SEND-12] messages of one connection get their places in the order of sending', async () => {
    const room = await roomOfAll();
    const texts = Array.from({ length: 200 }, (_, i) => `m${i}`);
    const answers = await Promise.all(texts.map((text) => ann.say(room, text)));
    expect(answers.map(({ seq }) => seq)).toEqual(texts.map((_, i) => i + 1));
    await ben.reaches(room, 200);
    expect(ben.texts(room)).toEqual(texts);
  });

  test('[SEND-13] a refused message leaves nothing behind: no place, no id, no entry', async () => {
    const room = await roomOfAll();
    await ann.refusal('sendMessage', { room, text: ' ', id: 'x' });
    await ann.refusal('sendMessage', { room, text: 'x'.repeat(4_001), id: 'x' });
    await ann.refusal('sendMessage', { room, text: 'a', id: 'x', extra: 1 });
    const { seq } = await ann.say(room, 'good', 'x');
    expect(seq).toBe(1);
    await ben.reaches(room, 1);
    expect(ben.texts(room)).toEqual(['good']);
  });
});
