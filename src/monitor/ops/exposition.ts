/** One kind of figure in the text format of Prometheus, 0.0.4. */
export interface Metric {
  name: string;
  /** A counter only ever grows, but for a restart of what counts; its name ends in `_total`. */
  type: 'counter' | 'gauge';
  help: string;
  samples: Sample[];
}

export interface Sample {
  labels: Record<string, string>;
  /** undefined, or no number: it is left out. */
  value: unknown;
}

/** Pure: the text of these metrics; one without a sample has its names and no figure. */
export function exposition(metrics: Metric[]): string {
  return metrics.map(textOf).join('');
}

function textOf({ name, type, help, samples }: Metric): string {
  const lines = samples.flatMap(({ labels, value }) =>
    typeof value === 'number' && Number.isFinite(value) ? [`${name}${labelsOf(labels)} ${value}\n`] : [],
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsOf(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
