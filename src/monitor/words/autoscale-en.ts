/** All that `fleet autoscale` says, in English. Figures come formatted. */
export const autoscaleEn = {
  nothingToGoBy:
    'The load does not explain the CPU of these days, or too little is known: there is nothing to scale by.\n' +
    'Next: npx fleet report --hours 168',
  title: (hours: number, min: number, max: number) =>
    `What autoscale would have done in ${hours} recorded hours, with ${min} to ${max} servers. Nothing was changed.`,
  load: (before: string, after: string) => `CPU of a server was ${before}, would be ${after}`,
  quiet: (after: string) => `quiet: with one fewer CPU is ${after}`,
  atMost: (max: number) => `more were needed than the ${max} allowed`,
  stays: 'Nothing: the number of servers would have stayed.',
  cost: (hours: number, fixed: number, saved: string) =>
    `${hours} server hours; as many servers as the peak needs, all the time: ${fixed} (${saved} saved).`,
  neverLate: 'It would never have been late.',
  late: (count: number, when: string, min: number) =>
    `It would have been late in ${count} of them: the load was there before the servers (${when}). --min ${min} makes that rarer.`,
};

export type AutoscaleWords = typeof autoscaleEn;
