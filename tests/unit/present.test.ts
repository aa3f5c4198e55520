import fc from 'fast-check';
import type { Entry, PageMessage, Ref } from '../../src/protocol/entries';
import { messageOf, present } from '../../src/protocol/present';

const mina = { id: 'guest:mina', name: 'mina' };
const target: Ref = { from: mina.id, id: 'm' };
const place = (seq: number) => ({ room: 'lobby', epoch: 'e', seq, n: 1, id: `c${seq}`, at: seq * 10 });
const said: Entry = { ...place(1), id: 'm', kind: 'message', from: mina, text: 'hello' };
const message = messageOf(said)!;

const edit = (seq: number, text: string): Entry => ({
  ...place(seq),
  kind: 'edit',
  from: mina,
  target,
  text,
});
const remove = (seq: number): Entry => ({ ...place(seq), kind: 'delete', from: mina, target });
const react = (seq: number, who: string, emoji: string, on: boolean): Entry => {
  return { ...place(seq), kind: 'reaction', from: { id: who, name: who }, target, emoji, on };
};
const after = (entries: Entry[], from: PageMessage = message): PageMessage => entries.reduce(present, from);

const changes = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom('a', 'b').map((text) => (seq: number) => edit(seq, text)) },
      {
        weight: 8,
        arbitrary: fc
          .record({
            who: fc.constantFrom('u1', 'u2', 'u3'),
            emoji: fc.constantFrom('👍', '__proto__', 'constructor'),
            on: fc.boolean(),
          })
          .map(
            ({ who, emoji, on }) =>
              (seq: number) =>
                react(seq, who, emoji, on),
          ),
      },
      { weight: 1, arbitrary: fc.constant(remove) },
    ),
    { maxLength: 20 },
  )
  .map((list) => list.map((make, i) => make(i + 2)));

describe('a message as it is now', () => {
  it('[CLIENT-14] is what was sent, until something changes it', () => {
    expect(message).toEqual({ ...place(1), id: 'm', kind: 'message', from: mina, text: 'hello' });
    expect(messageOf(edit(2, 'x'))).toBeUndefined();
    const others = { ...target, from: 'guest:jun' };
    for (const entry of [said, { ...edit(2, 'x'), target: others }, { ...remove(2), target: others }])
      expect(present(message, entry as Entry)).toBe(message);
    const stranger = { ...place(2), kind: 'poll', from: mina } as unknown as Entry;
    expect(present(message, stranger)).toBe(message);
  });

  it('[CLIENT-14] carries the last edit and its time', () => {
    expect(after([edit(2, 'x'), edit(3, 'y')])).toEqual({ ...message, text: 'y', edited: 30 });
    const gone = { ...place(2), kind: 'edit', from: mina, target, deleted: true } as Entry;
    expect(present(message, gone)).toBe(message);
  });

  it('[CLIENT-14] keeps nothing but its place once it is deleted', () => {
    const bare = { ...place(1), id: 'm', kind: 'message', from: mina, deleted: true };
    const full = after([edit(2, 'x'), react(3, 'u1', '👍', true)]);
    expect(after([remove(4), edit(5, 'y'), react(6, 'u1', '👍', true)], full)).toEqual(bare);
    expect(messageOf(bare as Entry)).toEqual(bare);
    expect(present(full, bare as Entry)).toEqual(bare);
  });

  it('[CLIENT-14] has reactions as sets in the order of reacting, also of an emoji called __proto__', () => {
    const both = after([react(2, 'u2', '__proto__', true), react(3, 'u1', '__proto__', true)]);
    expect(Object.entries(both.reactions!)).toEqual([['__proto__', ['u2', 'u1']]]);
    const again = react(4, 'u1', '__proto__', true);
    expect(present(both, again)).toBe(both);
    const none = after([react(5, 'u2', '__proto__', false), react(6, 'u1', '__proto__', false)], both);
    expect(none).toStrictEqual(message);
  });

  it('[CLIENT-14] stays the same when changes come again, from anywhere before the last one', () => {
    const sets = ({ reactions = {}, ...rest }: PageMessage) => ({
      ...rest,
      reactions: Object.entries(reactions)
        .map(([emoji, users]) => [emoji, [...users].sort()])
        .sort(),
    });
    fc.assert(
      fc.property(changes, fc.nat(20), (entries, from) => {
        const now = after(entries);
        expect(sets(after(entries.slice(from), now))).toEqual(sets(now));
      }),
    );
  });

  it('[CLIENT-14] has every reaction whose last word was on, and no other', () => {
    fc.assert(
      fc.property(changes, (entries) => {
        const last = new Map(
          entries.flatMap((e) => (e.kind === 'reaction' ? [[`${e.emoji} ${e.from.id}`, e.on] as const] : [])),
        );
        const deleted = entries.some(({ kind }) => kind === 'delete');
        const expected = deleted ? [] : [...last].filter(([, on]) => on).map(([key]) => key);
        const held = Object.entries(after(entries).reactions ?? {});
        const keys = held.flatMap(([emoji, users]) => users.map((user) => `${emoji} ${user}`));
        expect(keys.sort()).toEqual(expected.sort());
      }),
    );
  });
});
