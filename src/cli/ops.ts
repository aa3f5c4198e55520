import { readSettings } from '../config/load';
import { readSecrets } from '../config/secrets';
import { exitCodes, FleetError } from '../fleet/errors';
import { MONITOR_APP } from '../fleet/plan';
import { answers } from '../fleet/probe';
import { opsUrl } from '../fleet/url';
import { print, printJson } from './output';

/**
 * Prints the address of the operator's page. What opens it comes behind the `#`, which browsers send nowhere, so that it gets
 * into no log.
 */
export async function ops({ json }: { json?: boolean }): Promise<number> {
  const { opsPort, varDir } = readSettings().settings;
  if (!(await answers(`${opsUrl(opsPort)}livez`))) throw noPage(opsPort);
  const url = `${opsUrl(opsPort)}ops#token=${readSecrets(varDir).opsToken}`;
  if (json) printJson({ schema: 'fleet.ops/1', url });
  else print(url);
  return exitCodes.ok;
}

function noPage(port: number): FleetError {
  return new FleetError(
    'precondition',
    `The monitor does not answer on port ${port} (OPS_PORT).`,
    'Nothing was changed.',
    `npx fleet up; if the fleet runs: npx fleet logs ${MONITOR_APP}`,
  );
}
