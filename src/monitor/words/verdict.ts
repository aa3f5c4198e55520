import { MIN_HOURS, type Cost } from '../model/cost';
import type { Analysis } from '../model/analysis';
import type { Need } from '../model/need';
import { loads, type Load } from '../model/observation';
import type { Words } from './en';
import { about, grouped, percent, share } from './figures';
import type { Label } from './labels';

/** From here on unevenness is worth a word. */
const SKEWED = 1.3;

/** Pure: what the hours say together, a sentence a line, the command to type last. */
export function verdictLines(analysis: Analysis, words: Words, label: Label): string[] {
  const { cost, need, skew, machine } = analysis;
  return [
    ...correlations(analysis, words),
    explanation(analysis, words),
    ...(cost ? costLines(cost, analysis.together, words) : []),
    ...(need ? needLines(need, machine?.servers ?? 0, words, label) : []),
    ...(need && machine && !machine.enough ? shortage(analysis, words) : []),
    ...((machine?.servers ?? 0) > 1 && (skew ?? 0) > SKEWED ? [words.skew(skew!.toFixed(1))] : []),
    ...(need ? nextLine(analysis, need, words) : []),
  ];
}

function correlations({ correlation, hours }: Analysis, words: Words): string[] {
  const known = loads.filter((load) => correlation[load] !== null);
  const parts = known.map((load) => `${words.load[load]} ${correlation[load]!.toFixed(2)}`);
  return hours < MIN_HOURS || known.length === 0 ? [] : [words.correlation(parts.join(', '), grouped(hours))];
}

function explanation({ verdict, thin, hours, cost }: Analysis, words: Words): string {
  const explained = share(cost?.explained ?? 0);
  if (verdict === 'explained') return words.explained(explained);
  if (verdict === 'partly') return words.partly(explained);
  if (verdict === 'idle') return words.idle;
  if (verdict === 'unexplained') return words.unexplained(grouped(hours));
  if (thin === 'steady load') return words.steadyLoad;
  return thin === 'always full' ? words.alwaysFull : words.fewHours(grouped(hours), `${MIN_HOURS}`);
}

function costLines({ atRest, micros, knee }: Cost, together: Load[], words: Words): string[] {
  const used = loads.filter((load) => micros[load] !== undefined);
  const parts = used.map((load) => `${grouped(micros[load]!)} µs ${words.each[load]}`);
  return [
    words.cost(percent(atRest), parts.join(', ')),
    ...(together.length > 0 ? [words.together(together.map((load) => words.load[load]).join(', '))] : []),
    ...(micros.deliveries === undefined ? [words.callsOnly] : []),
    ...(knee === null ? [] : [words.knee(percent(knee))]),
  ];
}

/** `now`: servers that are planned; 0 where there is no fleet yet. */
function needLines(need: Need, now: number, words: Words, label: Label): string[] {
  const causes = [...loads, 'atRest'] as const;
  const parts = causes
    .filter((cause) => need.shares[cause] !== undefined)
    .map((cause) => `${words.load[cause]} ${share(need.shares[cause]!)}`);
  // Connects say little of how much is too much.
  const amounts = (of: Need['peakLoad']): string =>
    (['calls', 'deliveries'] as const)
      .filter((load) => of[load] !== undefined)
      .map((load) => `${about(of[load]!)} ${words.load[load]}`)
      .join(' / ');
  return [
    words.shares(label(need.peak), parts.join(', ')),
    words.saturation(amounts(need.saturation), amounts(need.peakLoad), need.atLeast),
    words.need(
      words.serverCount(`${need.servers}`),
      words.serverCount(`${need.withOneLost}`),
      now > 0 ? words.now(`${now}`) : '',
    ),
  ];
}

function shortage({ machine }: Analysis, words: Words): string[] {
  const { cores, coresNeeded, full } = machine!;
  return [...(full ? [words.full] : []), words.cores(`${cores}`, `${Math.max(coresNeeded, cores + 1)}`)];
}

function nextLine({ machine }: Analysis, need: Need, words: Words): string[] {
  const now = machine?.servers ?? 0;
  const advice = machine?.advice ?? Math.max(2, need.withOneLost);
  if (advice > now) return [words.next(commandFor(advice, now))];
  return machine?.enough ? [words.enoughNow(words.serverCount(`${now}`))] : [];
}

/** The one place that knows how the number of servers is changed. */
function commandFor(servers: number, now: number): string {
  return now === 0 ? `SERVERS=${servers} npm start` : `npx fleet scale ${servers}`;
}
