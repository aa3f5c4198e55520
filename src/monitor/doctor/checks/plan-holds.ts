import { NGINX_APP, serverNamed, serversOf } from '../../../fleet/plan';
import { isJoinedPlan } from '../../../fleet/registration';
import type { Check, Finding } from '../types';

/** Settings that do not match what runs are how one restart makes a fleet of two kinds. */
export const planHolds: Check = {
  name: 'plan-holds',
  title: (words) => words.planHolds.title,
  run: async ({ plan, apps, nginx, servers }, { planHolds: words }) => {
    const joined = isJoinedPlan(plan);
    const [running, { installed, wanted }] = [await apps(), await nginx()];
    const online = running.filter(({ status }) => status === 'online');
    const planned = serversOf(plan).map(({ name }) => name);
    const isOnline = (wanted: string): boolean => online.some(({ name }) => name === wanted);
    const missing = [...planned, ...(joined ? [] : [NGINX_APP])].filter((name) => !isOnline(name));
    const foreign = online.filter(({ name }) => serverNamed(name) && !planned.includes(name));
    // Without rates it was started just now: PM2 may have been asked before that.
    const others = (await servers()).flatMap(({ name, stats, rates }): Finding[] => {
      const app = online.find((each) => each.name === name);
      const isOther = app && rates && stats && stats.pid !== app.pid;
      return isOther ? [words.otherProcess(name, `${stats.pid}`, `${app.pid}`)] : [];
    });
    return [
      ...missing.map((name) => words.missing(name)),
      ...foreign.map(({ name }) => words.foreign(name)),
      ...others,
      ...(joined || installed === wanted ? [] : [words.otherNginx()]),
    ];
  },
};
