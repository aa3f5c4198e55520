import { NGINX_APP, serversOf } from '../../../fleet/plan';
import type { Check } from '../types';

/** Settings that do not match what runs are how one restart makes a fleet of two kinds. */
export const planHolds: Check = {
  name: 'plan-holds',
  title: 'Plan, PM2 and nginx agree',
  run: async ({ plan, apps, nginx }) => {
    const [running, { installed, wanted }] = [await apps(), await nginx()];
    const online = running.filter(({ status }) => status === 'online').map(({ name }) => name);
    const planned = serversOf(plan).map(({ name }) => name);
    const missing = [...planned, NGINX_APP].filter((name) => !online.includes(name));
    const foreign = online.filter((name) => /chat-\d+$/.test(name) && !planned.includes(name));
    return [
      ...missing.map((name) => ({
        what: `${name} is planned, but PM2 does not run it`,
        advice: 'npx fleet up',
      })),
      ...foreign.map((name) => ({
        what: `${name} runs, but is not planned`,
        advice: `npx pm2 delete ${name}`,
      })),
      ...(installed === wanted
        ? []
        : [
            {
              what: 'nginx runs with another configuration than plan, settings and template give',
              advice: 'npx fleet nginx reload',
            },
          ]),
    ];
  },
};
