import { basename } from 'node:path';
import { FleetError } from '../../fleet/errors';
import { hourOf } from '../../usage/hours';
import { reportOf, type UsageReport } from '../report';
import { readCalls } from './calls';
import { readCpu } from './cpu';
import { silencesOf } from './silences';
import { ZoneClock } from './zone';

/** What people already have of a server that is not ours. */
export interface Files {
  calls: string[];
  cpu: string[];
  /** Which lines of a log are calls; none: all. */
  pattern?: RegExp | undefined;
  /** Of times that name no offset; none: that of this machine. */
  zone?: string | undefined;
  /** Cores of the machine; none: as sar says. */
  cores?: number | undefined;
}

/** Reads files and lays them side by side, as for a fleet. Throws FleetError with file and line. */
export async function reportOfFiles(files: Files, from = -Infinity, to = Infinity): Promise<UsageReport> {
  const clock = clockOf(files.zone);
  const calls = files.calls.length > 0 ? await readCalls(files.calls, files.pattern, clock) : undefined;
  const cpu = files.cpu.length > 0 ? await readCpu(files.cpu, clock) : undefined;
  const all = cpu?.lines ?? [];
  const starts = [calls?.from ?? Infinity, all[0] ? all[0].at - all[0].seconds * 1_000 : Infinity];
  const ends = [calls?.to ?? -Infinity, all.at(-1)?.at ?? -Infinity];
  const [start, end] = [Math.max(from, Math.min(...starts)), Math.min(to, Math.max(...ends))];
  if (!(start < end)) throw nothingThen();
  const lines = all.filter(({ at }) => at > hourOf(start) && at <= end);
  return reportOf({
    from: hourOf(start),
    to: end,
    usage: calls && [...calls.hours].map(([hour, totals]) => ({ hour, totals })),
    lines,
    planned: [],
    intervalMs: cpu?.intervalMs ?? 300_000,
    due: end,
    cores: files.cores ?? cpu?.cores ?? null,
    files: {
      names: [...files.calls, ...files.cpu].map((file) => basename(file)),
      zone: clock.zone,
      counted: calls?.counted ?? [],
      countedFrom: calls?.from ?? end,
      countedTo: calls?.to ?? end,
      cpuOf: cpu?.of ?? 'server',
      silences: calls?.minutes ? silencesOf(calls.minutes, lines) : [],
    },
  });
}

function clockOf(zone: string | undefined): ZoneClock {
  try {
    return new ZoneClock(zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch {
    throw new FleetError(
      'usage',
      `There is no time zone "${zone}".`,
      'Nothing was changed.',
      '--time-zone Asia/Seoul',
    );
  }
}

function nothingThen(): FleetError {
  return new FleetError('usage', 'The files say nothing of this time.', 'Nothing was changed.', 'leave out --from and --to: then all of it is shown'); // prettier-ignore
}
