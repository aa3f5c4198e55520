import { readdirSync, readFileSync } from 'node:fs';
import type { HostLook, ServerLook } from './types';

const ESTABLISHED = '01';

/** Pure: the addresses at the other end of established connections to a local port, from a table of /proc/net. */
export function peersOf(table: string, port: number): string[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([, here, , state]) => state === ESTABLISHED && here?.endsWith(local))
    .map(([, , there]) => addressOf(there!.split(':')[0]!));
}

/** As the kernel writes it: four bytes, the last one first; of IPv6 four times so. */
function addressOf(hex: string): string {
  const bytes = (word: string): string[] => word.match(/../g)!.reverse();
  const words = hex.match(/.{8}/g)!;
  const dotted = (word: string): string => bytes(word).map((byte) => parseInt(byte, 16)).join('.'); // prettier-ignore
  if (words.length === 1 || /^0{16}FFFF0000/.test(hex)) return dotted(words.at(-1)!);
  return words.map((word) => bytes(word).join('').toLowerCase().match(/..../g)!.join(':')).join(':'); // prettier-ignore
}

/** Pure: the network as nginx's ip_hash sees it: three octets of IPv4, the whole address of IPv6. */
export function networkOf(address: string): string {
  return address.includes(':') ? address : `${address.split('.').slice(0, 3).join('.')}.0/24`;
}

/** Pure: what the machine did between two readings of /proc/stat. */
export function hostBetween(before: string, after: string): HostLook {
  const times = (text: string): number[] => /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  const [first, second] = [times(before), times(after)];
  // user nice system idle iowait irq softirq steal; guests are counted in user already.
  const grown = second.slice(0, 8).map((value, i) => value - (first[i] ?? 0));
  const total = Math.max(1, grown.reduce((sum, value) => sum + value, 0)); // prettier-ignore
  const share = (value: number): number => (100 * value) / total;
  const stolen = share(grown[7] ?? 0);
  return { busy: 100 - share((grown[3] ?? 0) + (grown[4] ?? 0)) - stolen, stolen };
}

/** Open file descriptors of a process and how many it may have; undefined where that cannot be seen. */
export function descriptorsOf(pid: number): ServerLook['descriptors'] {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    const most = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
    return { open: readdirSync(`/proc/${pid}/fd`).length, most };
  } catch {
    return undefined;
  }
}
