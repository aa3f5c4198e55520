import fc from 'fast-check';
import { clientFrame, TEXT, walkFrames } from '../../src/load/raw/frames';
import { Marker } from '../../src/load/raw/marker';
import { Tally } from '../../src/load/raw/tally';
import { Watch } from '../../src/load/raw/watch';

/** A frame as servers send it: not masked. */
function serverFrame(payload: Buffer, opcode = TEXT): Buffer {
  const { length } = payload;
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  const size =
    length < 126
      ? Buffer.from([length])
      : length < 65_536
        ? Buffer.from([126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([127]), long]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), size, payload]);
}

/** Reads what comes in these pieces, as a connection does. */
function readAll(pieces: Buffer[]): string[] {
  const payloads: string[] = [];
  let rest = Buffer.alloc(0);
  for (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const taken = walkFrames(bytes, (_, start, end) => payloads.push(bytes.toString('utf8', start, end)));
    rest = bytes.subarray(taken);
  }
  expect(rest.length).toBe(0);
  return payloads;
}

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const lengths = fc.oneof(fc.nat(300), fc.constantFrom(0, 125, 126, 127, 65_535, 65_536));

test('[LOAD-20] frames are read the same however TCP cuts them', () => {
  fc.assert(
    fc.property(
      fc.array(lengths, { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (sizes, places) => {
        const payloads = sizes.map((size, i) => String.fromCharCode(97 + i).repeat(size));
        const bytes = Buffer.concat(payloads.map((payload) => serverFrame(Buffer.from(payload))));
        expect(readAll(cut(bytes, places))).toEqual(payloads);
      },
    ),
  );
});

test('[LOAD-20] what clients send is a masked frame of just that text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        lengths.map((n) => 'x'.repeat(n)),
      ),
      (text) => {
        const frame = clientFrame(text);
        expect(frame[1]! & 0x80).toBe(0x80);
        const header = frame[1] === 0x80 + 127 ? 10 : frame[1] === 0x80 + 126 ? 4 : 2;
        expect([...frame.subarray(header, header + 4)]).toEqual([0, 0, 0, 0]); // a mask that changes nothing
        const unmasked = Buffer.concat([frame.subarray(0, header), frame.subarray(header + 4)]);
        unmasked[1]! &= 0x7f;
        expect(readAll([unmasked])).toEqual([text]);
      },
    ),
  );
});

describe('what a client is shown', () => {
  const marker = new Marker('ab12');
  const ever = { from: 0, to: Infinity };

  const message = (sender: number, count: number, seq?: number): string =>
    JSON.stringify({
      room: 'a',
      ...(seq !== undefined && { seq }),
      text: marker.write({ sender, count, plannedAt: 5_000_000 }, 80),
    });

  /** Takes these packets, all of them in one buffer with others around. */
  function shown(packets: string[], placed = false): Tally {
    const tally = new Tally(1, ever);
    const watch = new Watch(0, 3, marker, tally);
    watch.placed = placed;
    const bytes = Buffer.from(packets.join('\x81'));
    let at = 0;
    for (const packet of packets) {
      const end = at + Buffer.byteLength(packet);
      watch.take(bytes, at, end, 5_007_000);
      at = end + 1;
    }
    return tally;
  }
  const found = ({ delivered, gaps, backwards, seqBreaks }: Tally) => ({
    delivered,
    gaps,
    backwards,
    seqBreaks,
  });

  test('[LOAD-21] messages are counted, not packets, with the time that each took', () => {
    const packets = [`[${message(0, 1, 7)},${message(1, 1, 8)}]`, '["presence",{}]', `[${message(0, 2, 9)}]`];
    const tally = shown(packets, true);
    expect(found(tally)).toEqual({ delivered: 3, gaps: 0, backwards: 0, seqBreaks: 0 });
    expect(tally.delivery()).toMatchObject({ samples: 3, p50: expect.closeTo(7, 1) as number });
  });

  test('[LOAD-21] a message that is missing, comes twice or too late is seen', () => {
    const all = [message(0, 1), message(0, 2), message(0, 3), message(1, 1), message(0, 4)];
    const without = (i: number): string[] => all.filter((_, at) => at !== i);
    expect(found(shown(all))).toMatchObject({ delivered: 5, gaps: 0, backwards: 0 });
    expect(found(shown(without(1)))).toMatchObject({ delivered: 4, gaps: 1 });
    expect(found(shown([...all, all[2]!]))).toMatchObject({ delivered: 6, backwards: 1 });
    expect(found(shown([all[0]!, all[2]!, all[1]!]))).toMatchObject({ gaps: 1, backwards: 1 });
    expect(found(shown([message(0, 1, 1), message(1, 1, 3)], true))).toMatchObject({ gaps: 0, seqBreaks: 1 });
  });

  test('[LOAD-21] what is pending does not count: it comes again', () => {
    const packets = [`[${message(0, 1)}]`, `[${message(0, 1, 7)}]`, `[${message(0, 2)}]`];
    expect(found(shown(packets, true))).toEqual({ delivered: 1, gaps: 0, backwards: 0, seqBreaks: 0 });
  });

  test('[LOAD-21] messages of others, and of other runs, are not counted', () => {
    const other = new Marker('zz99').write({ sender: 0, count: 9, plannedAt: 1 }, 80);
    expect(found(shown([JSON.stringify({ text: other }), '{"text":"~~"}']))).toMatchObject({ delivered: 0 });
  });
});
