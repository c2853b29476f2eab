import type { Collector } from '../collectors/collector.ts';
import { poll } from '../collectors/poll.ts';
import type { SinksConfig } from '../core/config/sinks.ts';
import type { Observer } from '../core/engine/experiment.ts';
import { ExitCode } from '../core/errors.ts';
import { sinks as members } from '../results/index.ts';
import type { SendingReport, Sink, SinkReport } from '../results/sink.ts';
import { storedOf } from './stored.ts';

/** For answers that are under way when all is over. */
const ANSWER_MS = 1_000;

interface JournalFiles {
  journalPath(block: { readonly id: string }, trial: { readonly id: string }): string;
}

/** The sinks of a run: they follow its journals, are watched like everything else, and are closed at the end. */
export interface Sinks {
  readonly collectors: readonly Collector[];
  follow(path: string): void;
  finished(path: string): void;
  /** Whether no sink has use for the journal any more. */
  isSettled(path: string): boolean;
  observing<T extends Observer>(observer: T, files: JournalFiles): T;
  /** Waits for what is left as long as the configuration allows; tells what is not sent. */
  close(): Promise<ExitCode>;
}

/** Opens what was asked for, for the journals in `folder`; rejects when the page for Prometheus cannot be served. */
export async function openSinks(
  { influx, exposition }: SinksConfig,
  folder: string,
  say: (line: string) => void,
): Promise<Sinks> {
  const opened = performance.now();
  const open: { readonly sink: Sink; readonly waitMs: number }[] = [];
  let sending: Sink<SendingReport> | undefined;
  // First: it alone may fail, and nothing is open yet.
  if (exposition) {
    const { openExposition } = await members.exposition.load();
    const sink = await openExposition(exposition);
    say(`metrics: ${sink.url}/metrics`);
    open.push({ sink, waitMs: ANSWER_MS });
  }
  if (influx) {
    const { openInflux, probe } = await members.influx.load();
    const problem = await probe(influx);
    if (problem !== null)
      say(`note: InfluxDB at ${influx.url}: ${problem}\n  everything is kept in the journals and sent when it answers`);
    sending = openInflux(influx);
    open.push({ sink: sending, waitMs: influx.waitMs });
  }
  const follow = (path: string) => open.forEach(({ sink }) => sink.follow(path));
  let last: string | undefined;
  const finished = (path: string) => {
    last = path;
    open.forEach(({ sink }) => sink.finished(path));
  };
  return {
    collectors: sending ? [collectorOf(sending)] : [],
    follow,
    finished,
    isSettled: (path) => open.every(({ sink }) => sink.isSettled(path)),
    observing(observer, files) {
      return {
        ...observer,
        trialStarting(block, trial) {
          follow(files.journalPath(block, trial));
          observer.trialStarting(block, trial);
        },
        trialEnded(record) {
          finished(files.journalPath({ id: record.block }, { id: record.trial }));
          observer.trialEnded(record);
        },
      };
    },
    async close() {
      await Promise.all(open.map(async ({ sink, waitMs }) => await sink.close(waitMs)));
      const report = sending?.report();
      if (report) say(sinkLine(report, (performance.now() - opened) / 1000, folder));
      if (report && isLeft(report)) return ExitCode.sinkFailed;
      if (influx === undefined || last === undefined) return ExitCode.good;
      const { line, isAll } = await storedOf(influx, [last], folder);
      say(line);
      return isAll === false ? ExitCode.sinkFailed : ExitCode.good;
    },
  };
}

/** The sink as seen by itself, in the journal like any other sample. */
function collectorOf(sink: Sink<SendingReport>): Collector {
  return {
    name: sink.name,
    summary: 'what a sink has sent',
    emits: 'sink',
    async start({ intervalSeconds }, emit) {
      return poll(intervalSeconds, async () => {
        const report = sink.report();
        emit({
          target: sink.name,
          values: {
            sink_sent_lines_total: report.sent,
            sink_set_aside_lines_total: report.setAside + report.unfit,
            sink_too_old_lines_total: report.tooOld,
            sink_missing_events_total: report.missingEvents,
            sink_failed_requests_total: report.failedRequests,
            sink_cpu_seconds_total: report.cpuSeconds,
            sink_backlog_bytes: report.backlogBytes,
            sink_request_seconds: report.requestSeconds,
          },
        });
      });
    },
  };
}

function isLeft({ backlogBytes, problem }: SinkReport): boolean {
  return backlogBytes > 0 || problem !== null;
}

/** One line for people: what went out in `seconds`, what that cost, and what is left in `folder`. */
export function sinkLine(report: SendingReport, seconds: number, folder: string): string {
  const { name, sent, setAside, unfit, tooOld, missingEvents, backlogBytes, problem, cpuSeconds, startCpuSeconds } =
    report;
  const share = ((cpuSeconds / seconds) * 100).toFixed(1);
  const ofACore = startCpuSeconds === 0 ? '' : `: ${share} % of a core, after ${startCpuSeconds.toFixed(2)} to start`;
  const parts = [
    `${sent} lines sent`,
    ...(setAside > 0 ? [`${setAside} refused by the server and set aside`] : []),
    ...(unfit > 0 ? [`${unfit} unreadable or in no catalogue: kept beside the journal, never sent`] : []),
    ...(tooOld > 0 ? [`${tooOld} older than the bucket keeps and left out`] : []),
    `${missingEvents} lost`,
    `${cpuSeconds.toFixed(2)} CPU-seconds in ${seconds.toFixed(0)} s${ofACore}`,
  ];
  if (!isLeft(report)) return `${name}: ${parts.join(', ')}`;
  const why = problem === null ? '' : ` (${problem})`;
  return `${name}: ${parts.join(', ')}; ${Math.ceil(backlogBytes / 1000)} kB of journals not sent${why}\n  nothing is lost: bench push ${folder} sends the rest`;
}
