import {
  admitted,
  atEase,
  decided,
  isOverloaded,
  looked,
  retryAfterMs,
  sheds,
  stoodStillMs,
  type Pressure,
} from '../../src/server/edge/pressure';

/** A loop whose turns take so long, one after the other. */
function turns(before: Pressure, now: number, lateMs: number[], utilization = 1): [Pressure, number] {
  return lateMs.reduce<[Pressure, number]>(
    ([pressure, at], late) => {
      const elapsedMs = 20 + late;
      return [
        looked(pressure, { now: at + elapsedMs, lateMs: late, elapsedMs, utilization }),
        at + elapsedMs,
      ];
    },
    [before, now],
  );
}

const LONG = Array<number>(8).fill(60);

test('[OVER-1] a busy loop gives up typing first, then presence, and refuses nobody', () => {
  const share = (utilization: number) => turns(atEase, 0, Array<number>(200).fill(0), utilization)[0];
  const given = (pressure: Pressure) =>
    (['typing', 'presence', 'handshakes', 'sends'] as const).filter((what) =>
      sheds(pressure, what, 4_000, 5_000),
    );
  expect(given(share(0.7))).toEqual([]);
  expect(given(share(0.8))).toEqual(['typing']);
  expect(given(share(1))).toEqual(['typing', 'presence']);
});

test('[OVER-2] one pause of whatever length is no overload, long turns in a row are', () => {
  expect(isOverloaded(...turns(atEase, 0, [0, 30_000, 0]))).toBe(false);
  expect(isOverloaded(...turns(atEase, 0, [60, 0, 60, 0, 60, 0, 60, 0, 60, 0]))).toBe(false);
  expect(isOverloaded(...turns(atEase, 0, LONG))).toBe(true);
});

test('[OVER-2] newcomers go before sends, and none come in while sends are refused', () => {
  const [pressure, now] = turns(atEase, 0, LONG);
  const full = { ...pressure, taken: 100, admitted: 8 };
  expect(sheds(full, 'handshakes', now, -5)).toBe(false); // a turn that has just begun
  expect([sheds(full, 'handshakes', now, 5), sheds(full, 'sends', now, 5)]).toEqual([true, false]);
  expect([sheds(full, 'handshakes', now, 15), sheds(full, 'sends', now, 15)]).toEqual([true, true]);
  expect(sheds(decided(full, true, now), 'handshakes', now + 900, -5)).toBe(true);
});

test('[OVER-2] it ends a second after the last sign of it, and refusing is a sign', () => {
  const [pressure, now] = turns(atEase, 0, LONG);
  expect(isOverloaded(pressure, now + 999)).toBe(true);
  expect(isOverloaded(pressure, now + 1_000)).toBe(false);
  expect(isOverloaded(decided(pressure, true, now + 999), now + 1_998)).toBe(true);
});

test('[OVER-2] even a turn that is always too late takes some sends', () => {
  let [pressure, now] = turns(atEase, 0, LONG);
  for (let taken = 0; taken < 50; taken++) {
    expect(sheds(pressure, 'sends', now, 10_000)).toBe(false);
    pressure = decided(pressure, false, now);
  }
  expect(sheds(pressure, 'sends', now, 10_000)).toBe(true);
  [pressure, now] = turns(pressure, now, [1_000]);
  expect(sheds(pressure, 'sends', now, 10_000)).toBe(false);
});

test('[OVER-3] the more are refused, the later they are to come again, and never at once', () => {
  const after = (refused: number, random: number) => {
    let pressure = atEase;
    for (let i = 0; i < 3_000; i++) pressure = decided(pressure, i % 10 < refused, 0);
    return retryAfterMs(pressure, random);
  };
  expect([after(0, 0), after(0, 1)]).toEqual([500, 1_500]);
  expect(after(7, 0)).toBeGreaterThan(1_700);
  expect(after(7, 0)).toBeLessThan(2_200);
  expect(after(10, 1)).toBeLessThanOrEqual(7_500);
});

test('[OVER-2] a flood is cut off in its first turn, before it is long', () => {
  let pressure = atEase;
  for (let taken = 0; taken < 400; taken++) {
    expect(sheds(pressure, 'sends', 10, 0)).toBe(false);
    pressure = decided(pressure, false, 10);
  }
  expect(sheds(pressure, 'sends', 10, 0)).toBe(true);
  expect(sheds(turns(pressure, 10, [0])[0], 'sends', 30, 0)).toBe(false);
});

test('[OVER-2] some newcomers come in with every turn, unless sends are refused', () => {
  let [pressure, now] = turns(atEase, 0, LONG);
  for (let i = 0; i < 8; i++) {
    expect(sheds(pressure, 'handshakes', now, 10_000)).toBe(false);
    pressure = admitted(pressure);
  }
  expect(sheds(pressure, 'handshakes', now, 10_000)).toBe(true);
  [pressure, now] = turns(pressure, now, [1_000]);
  expect(sheds(pressure, 'handshakes', now, 10_000)).toBe(false);
  expect(sheds(decided(pressure, true, now), 'handshakes', now, 10_000)).toBe(true);
});

test('a long pause is told with what of it lay before the look was due, if the loop computed', () => {
  const look = { now: 2_000, elapsedMs: 1_250 };
  expect(stoodStillMs({ ...look, lateMs: 1_000, utilization: 0.96 })).toBe(1_200);
  expect(stoodStillMs({ ...look, lateMs: 1_000, utilization: 0.1 })).toBe(1_000); // it was stopped
  expect(stoodStillMs({ ...look, elapsedMs: 310, lateMs: 60, utilization: 1 })).toBe(60); // it is busy
  expect(stoodStillMs({ ...look, elapsedMs: 249, lateMs: -1, utilization: 0 })).toBe(0);
});
