/**
 * Pure: the addresses that REDIS_URL names: one for one Redis; several, with commas between, for a Redis Cluster.
 * Protocol, user and password of the first hold for all.
 */
export function redisAddresses(url: string): string[] {
  // A password may have commas in it.
  const start = (url.includes('@') ? url.lastIndexOf('@') : url.lastIndexOf('//') + 1) + 1;
  return url
    .slice(start)
    .split(',')
    .map((address) => `${url.slice(0, start)}${address}`);
}
