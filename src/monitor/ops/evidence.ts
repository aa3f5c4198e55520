import type { Settings } from '../../config/settings';
import { FleetError } from '../../fleet/errors';
import { recordedAt, recordFolder } from '../../fleet/record-folder';
import type { History, Range, Verdict } from '../../protocol/ops';
import { HOUR_MS } from '../../usage/hours';
import { freezesOf } from '../freezes';
import { isKnown } from '../peaks';
import { readReport } from '../read-report';
import { readRecord } from '../record';
import type { UsageReport } from '../report';
import type { Words } from '../words/en';
import { labelOf, spanOf } from '../words/labels';
import { remarkLines } from '../words/remarks';
import { verdictLines } from '../words/verdict';
import { eventsOf } from './events';
import { historyOf, spans } from './history';
import { kept } from './kept';
import type { Memory } from './memory';
import type { RecordFacts } from './metrics';

/** Files and counters are read again after this time at the earliest, however often somebody asks. */
const KEPT_MS = 20_000;
/** The last hour is read more often: one watches it. */
const FRESH_MS = 5_000;

type Report = { report: UsageReport } | 'nothing';

/** What the record and the counters say of the time that is over. */
export class Evidence {
  private readonly day: () => Promise<Report>;
  private readonly week: () => Promise<Report>;
  private readonly histories: Record<Range, () => Promise<History>>;
  readonly recordFacts: () => Promise<RecordFacts>;

  constructor(
    private readonly settings: Settings,
    private readonly memory: Memory,
  ) {
    this.day = kept(KEPT_MS, () => this.read(24));
    this.week = kept(KEPT_MS, () => this.read(7 * 24));
    const history = (range: Range) =>
      kept(range === 'hour' ? FRESH_MS : KEPT_MS, () => this.readHistory(range));
    this.histories = { hour: history('hour'), day: history('day'), week: history('week') };
    this.recordFacts = kept(KEPT_MS, () => Promise.resolve(this.readFacts()));
  }

  history(range: Range): Promise<History> {
    return this.histories[range]();
  }

  /** What `fleet report` says of the day or the week, in sentences. */
  async verdict(range: Range, words: Words): Promise<Verdict> {
    const read = await this.reportOf(range);
    if (read === 'nothing') return { span: '', lines: [words.nothingKnown] };
    const { report } = read;
    const hours = report.hours.slice(Math.max(0, report.hours.findIndex(isKnown)));
    const label = labelOf(hours);
    return {
      span: spanOf(hours, report.to, words),
      lines: [...verdictLines(report.analysis, words, label), ...remarkLines(report, words, label)],
    };
  }

  private reportOf(range: Range): Promise<Report> {
    return range === 'week' ? this.week() : this.day();
  }

  private async readHistory(range: Range): Promise<History> {
    const read = await this.reportOf(range);
    const report = read === 'nothing' ? undefined : read.report;
    const to = Date.now();
    const from = to - spans[range].ms;
    const lines = this.lines(from, to);
    return {
      stepMs: spans[range].stepMs,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      points: historyOf({ seen: this.memory.points(), lines, hours: report?.hours ?? [] }, to, range),
      events: eventsOf(lines, freezesOf(lines)),
      ...(!report?.counters && { uncounted: true }),
    };
  }

  private async read(hours: number): Promise<Report> {
    const to = Date.now();
    try {
      return { report: await readReport(this.settings, to - 1 - (hours - 1) * HOUR_MS, to) };
    } catch (error) {
      if (error instanceof FleetError) return 'nothing';
      throw error;
    }
  }

  private readFacts(): RecordFacts {
    const now = Date.now();
    const freezes: Record<string, number> = {};
    for (const { server } of freezesOf(this.lines(now - spans.day.ms, now)))
      freezes[server] = (freezes[server] ?? 0) + 1;
    return { freezes, writtenAt: recordedAt(this.settings.varDir) };
  }

  private lines(from: number, to: number) {
    return readRecord(recordFolder(this.settings.varDir), from, to);
  }
}
