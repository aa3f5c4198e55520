import { availableParallelism } from 'node:os';
import type { Check } from '../types';

const FULL = 95;
const STOLEN = 10;

export const hostStarved: Check = {
  name: 'host-starved',
  title: 'The machine leaves the servers their CPU',
  run: async ({ host, servers }) => {
    const { busy, stolen } = await host();
    const ours =
      (await servers()).reduce((sum, { rates }) => sum + (rates?.cpu ?? 0), 0) / availableParallelism();
    return [
      ...(stolen < STOLEN
        ? []
        : [{ what: `${Math.round(stolen)} % of the CPU is taken by other machines on the same hardware`, advice: 'ask who rents the machine out, or take another one' }]),
      ...(busy < FULL || ours > busy / 2
        ? []
        : [{ what: `the machine is ${Math.round(busy)} % busy, of which the chat servers have ${Math.round(ours)}`, advice: 'see with top what else runs, and move it elsewhere' }]),
    ]; // prettier-ignore
  },
};
