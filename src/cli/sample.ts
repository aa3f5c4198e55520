import { readSettings } from '../config/load';
import { exitCodes, FleetError } from '../fleet/errors';
import { formatLine, recordHeader } from '../monitor/line';
import { recordFolder } from '../fleet/record-folder';
import { recordFile } from '../monitor/record';
import { takeSample } from '../monitor/sample';
import { print, printJson } from './output';

/** Takes one sample of every server into the record, for those who prefer cron to the monitor. */
export async function sample({ json }: { json?: boolean }): Promise<number> {
  const { varDir } = readSettings().settings;
  const { lines, problem } = await takeSample({ varDir });
  const file = recordFile(recordFolder(varDir), lines[0]!.at);
  if (json) printJson({ schema: 'fleet.sample/1', file, lines });
  else print([recordHeader, ...lines.map(formatLine)].join('\n'));
  if (problem !== undefined) throw notWritten(problem);
  return lines.every(({ state }) => state === 'ok') ? exitCodes.ok : exitCodes.unhealthy;
}

function notWritten(problem: string): FleetError {
  return new FleetError(
    'failure',
    `The record cannot be written: ${problem}`,
    'The record is as it was; the figures are above.',
    'make room on the disk, or let this user write there',
  );
}
