// A strict reader of the Prometheus text format, version 0.0.4: what it takes, any scraper takes.

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricText {
  readonly help: string;
  readonly type: string;
  readonly series: readonly Series[];
}

const HELP = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/;
const TYPE = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge)$/;
const SERIES = /^([a-zA-Z_:][\w:]*)(?:\{([^\n]*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;

/** Metrics by name; throws for the first line that breaks a rule of the format. */
export function parsePage(text: string): Map<string, MetricText> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics = new Map<string, { help: string; type: string; series: Series[] }>();
  let help: RegExpExecArray | null = null;
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const type = TYPE.exec(line);
    const series = SERIES.exec(line);
    if (line === '') continue;
    if (line.startsWith('# HELP ')) {
      help = HELP.exec(line);
      if (!help) refuse(line, 'not a help');
    } else if (type) {
      current = type[1] ?? '';
      if (help?.[1] !== current || metrics.has(current)) refuse(line, 'a type without its help, or twice');
      metrics.set(current, { help: unescape(help?.[2] ?? ''), type: type[2] ?? '', series: [] });
    } else if (series) {
      add(line, series);
    } else refuse(line, 'neither comment nor series');
  }
  return metrics;

  function add(line: string, [, name, labelText = '', value]: RegExpExecArray): void {
    const metric = metrics.get(name ?? '');
    if (!metric || name !== current) return refuse(line, 'apart from its type');
    const labels = labelsOf(line, labelText);
    const key = keyOf(labels);
    if (metric.series.some((other) => keyOf(other.labels) === key)) refuse(line, 'twice');
    if (metric.type === 'counter' && (Number(value) < 0 || !name.endsWith('_total'))) refuse(line, 'no counter');
    metric.series.push({ labels, value: Number(value) });
  }
}

function labelsOf(line: string, text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const label = LABEL.exec(rest);
    if (!label || Object.hasOwn(labels, label[1] ?? '')) return refuse(line, 'bad labels');
    labels[label[1] ?? ''] = unescape(label[2] ?? '');
    rest = rest.slice(label[0].length);
  }
  return labels;
}

function keyOf(labels: Series['labels']): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

function refuse(line: string, why: string): never {
  throw new Error(`${why}: ${line}`);
}
