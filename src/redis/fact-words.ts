/** What a Redis that cannot carry the fleet says of itself, in words. */
export const factWords = {
  version: (version: string) => `its version is ${version}, needed is 7 or newer`,
  evicts: (policy: string) =>
    `maxmemory-policy is ${policy}, needed is noeviction: evicting loses messages silently`,
  keepsNoFile: 'appendonly is no, needed is yes: a restart would lose messages',
  replica: 'it is a replica, needed is a master',
};
