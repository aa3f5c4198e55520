import type { Check } from '../types';

const NEARLY_ALL = 0.8;

export const descriptorsLeft: Check = {
  name: 'descriptors',
  title: 'Servers and nginx may have more connections',
  run: async ({ servers, nginx }) => {
    const { peers, connections, workers } = await nginx();
    // Each takes two: one from the client, one to the server.
    const share = (2 * peers.length) / (connections * workers);
    return [
      ...(await servers()).flatMap(({ name, descriptors }) =>
        descriptors && descriptors.open >= NEARLY_ALL * descriptors.most
          ? [{ what: `${name} has ${descriptors.open} of ${descriptors.most} file descriptors open`, advice: 'raise the limit (ulimit -n), then npm stop and npm start' }]
          : [],
      ),
      ...(share < NEARLY_ALL
        ? []
        : [{ what: `nginx has ${Math.round(share * 100)} % of the connections it may have`, advice: 'raise the limit (ulimit -n), then npm stop and npm start' }]),
    ]; // prettier-ignore
  },
};
