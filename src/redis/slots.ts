/** Keys of a Redis Cluster lie in so many slots. */
export const SLOTS = 16_384;

/** Pure: the slot of a key or a sharded channel: of what stands between the first braces, if anything does. */
export function slotOf(key: string): number {
  const start = key.indexOf('{') + 1;
  const end = key.indexOf('}', start);
  const tag = start > 0 && end > start ? key.slice(start, end) : key;
  let crc = 0; // CRC-16/XMODEM
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc % SLOTS;
}

export type SlotRange = [first: number, last: number];

export const hasSlot = (ranges: SlotRange[], slot: number): boolean =>
  ranges.some(([first, last]) => first <= slot && slot <= last);

/** A master with the slots that it serves. */
export interface Master {
  /** `host:port`; the host is missing if the answering node does not know its own. */
  address: string;
  slots: SlotRange[];
  /** The ids of it and of its replicas: one of these is the next master of these slots. */
  nodes: string[];
}

/** What a node of a cluster says of it. The view with the highest epoch is the newest. */
export interface ClusterView {
  epoch: number;
  masters: Master[];
}

/** Pure: the answer to CLUSTER NODES. */
export function parseNodes(text: string): ClusterView {
  const nodes = text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [id = '', place = '', flags = '', master = '', , , epoch = '0', , ...slots] = line
        .trim()
        .split(' ');
      const [address = ''] = place.split('@');
      return { id, address, flags, master, epoch: Number(epoch), slots: slots.flatMap(rangeOf) };
    });
  const masters = nodes.filter(({ flags, slots }) => flags.includes('master') && slots.length > 0);
  return {
    epoch: Math.max(0, ...masters.map(({ epoch }) => epoch)),
    masters: masters.map(({ id, address, slots }) => {
      const replicas = nodes.filter(({ master }) => master === id);
      return { address, slots, nodes: [id, ...replicas.map((replica) => replica.id)] };
    }),
  };
}

/** Those in brackets are on their way from or to another node. */
function rangeOf(text: string): SlotRange[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return first === undefined ? [] : [[Number(first), Number(last)]];
}
