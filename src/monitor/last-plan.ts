import { serversOf, type PlannedServer } from '../fleet/plan';
import { readPlan } from '../fleet/prepare';

/**
 * Gives the servers of the plan at each call. While it is missing or broken the last one counts; what is wrong with it
 * is told once.
 */
export function lastPlan(varDir: string, tell: (problem: string) => void): () => PlannedServer[] {
  let servers: PlannedServer[] = [];
  let told = '';
  const report = (problem: string): void => {
    if (problem !== '' && problem !== told) tell(problem);
    told = problem;
  };
  return () => {
    try {
      const plan = readPlan(varDir);
      if (plan) servers = serversOf(plan);
      report(plan ? '' : 'There is no plan in fleet.json.');
    } catch (error) {
      report((error as Error).message);
    }
    return servers;
  };
}
