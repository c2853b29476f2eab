import type { Measurement } from './measurement.ts';
import { MEASUREMENTS } from './measurements.ts';
import { METRICS } from './metrics.ts';
import { type SampleMeasurement, SAMPLES } from './samples.ts';

/** The page `docs/metrics.md`: every metric of the catalogue, and what the parts of the loss budget are made of. */
export function metricsPage(): string {
  const rows = METRICS.map(({ name, unit, window, help }) => `| \`${name}\` | ${unit} | ${window} | ${help} |`);
  return `# Metrics

Made from \`metrics.ts\`, \`measurements.ts\` and \`samples.ts\` of \`core/model\` by \`npm run generate\`; do not edit.

Windows, nested and on the scheduler's clock: *time to result* (cluster asked for, to merged result in the client; the first trial
of a session only), *T* (computation triggered, to merged result), *execution* (first to last event-processing task). *Trial*
means from the last sample before the trigger to the first one after the result.

| name | unit | window | what it is |
|---|---|---|---|
${rows.join('\n')}

A metric that could not be taken is \`{ "missing": "<reason>" }\` in the record and a dash with the reason in the report.

## Work that must have been done

A trial on data is invalid when its event-processing tasks read fewer bytes than 90 % of the compressed bytes of the columns that are read
for every event (\`alwaysRead\` of the suite), counted by the meters in the workers and once for each event loop, or spent less
CPU than 10 ns for each event and loop and 1 s for each 20 GB of these bytes. Both floors are far below what any backend reaches,
and far above what an answer kept from before needs. Where a point has two other warm trials, half of their CPU and bytes is the floor
([trust.md](trust.md#what-cannot-be-is-refused)). Opening the files counts as reading: where a data set is as small as the
descriptions of its branches, an answer that is kept beside an open file is not found. Without watching (\`--no-watch\`) nothing is metered,
and the record has the flag \`work-not-checked\`.

## Loss budget

Core-seconds of the workers during T: their threads for as long as each was there. Every moment of a worker belongs to one part.
In experiments of before 28 November 2026 opening files, and building and handing over, are part of useful compute and inflation.

| part | what it is | source | what to do about it |
|---|---|---|---|
| useful compute | events x CPU per event of the serial reference, without its opening, building and handing over | warm serial trials of one thread, same backend, suite and parameters | Make the analysis itself faster. |
| inflation | CPU of event-processing tasks beyond that; negative when the workers need less than the reference | thread CPU of the task, without the parts below | Cores slow each other down: fewer workers on each host, no hyper-threads. With few events per task it is the cost of small arrays: fewer tasks. |
| opening files | opening a file and reading what is in it: CPU, and waiting but for a core; once for each task that reads of the file, however little | hooks on uproot's files, keys and lists of branches, and on where distributed RDataFrame finds its clusters and builds its source; of files that an event loop goes on to, the CPU from the first read of the file to the first event of its tree | Fewer tasks for each file (\`--tasks\`), more events in a task, files with fewer branches. It grows with the branches in the file, not with those that are read. |
| building and handing over | CPU that a task needs to build its graph and to make its results ready to be sent | distributed RDataFrame: the task without opening, compilation and event loop, and of the event loop what comes before the first tree; coffea: building NanoEvents, pickling and compressing the result | Fewer tasks; fewer and smaller histograms, fewer columns and actions. |
| compilation and imports | wall time inside hooked compilers and imports, waiting included | hooks on ROOT's interpreter, RDataFrame's log, numba, the import system | Compiled functions instead of strings, workers that are forked from a warm parent (\`--start-method\`), workers that live longer. |
| waiting for a core | the task's thread was runnable and had no core | \`schedstat\` of the thread | Fewer workers than cores; nothing else on the machine; a larger quota. |
| waiting for data | off CPU inside hooked read calls | hooks on ROOT's file reads and uproot's sources | Data nearer to the workers, a cache, larger clusters, more workers than cores. |
| other waiting | off CPU inside tasks otherwise: sleep, locks, the GIL, unhooked I/O; they look alike from outside and are not separated | the rest of the task's wall time | Look for locks, and for reading past ROOT and uproot. |
| preparation | tasks that read no events, such as coffea's reading of file metadata | task stream | Keep coffea's metadata (\`metadata_cache\`); fewer files. |
| scheduling | before the first task, and between the tasks of a worker | task stream | Fewer and longer tasks. |
| merging | fetching inputs, reducing, and handing the result to the client | task stream | Smaller results, fewer tasks. |
| idle tail | a worker had done its last task while others still worked | task stream | More tasks than workers, of equal length. |
| unexplained | what the agent's and the scheduler's view of the same tasks differ by | core-seconds minus all parts | Above a few per cent the budget is not to be trusted. |

Opening and handing over are not seen of what neither ROOT, uproot nor coffea does, nor of the first file of an RDataFrame that is not
distributed: it is opened when it is made, before its loop. coffea fills histograms while it processes: that is compute.

## In InfluxDB

Samples go to the raw bucket, one point for each trial to the lasting one; time stamps are microseconds. Counters grow while their
source lives. What could not be read is absent, never zero. On the page for Prometheus (\`--metrics-port\`) the same names are
joined: \`hepbench_worker_rss_bytes\`, \`hepbench_host_load1\`; of trials it shows only their number and the last valid one.

The record of a trial, and its report, have these curves of samples over time, each of 200 points at most: a point of a long trial is the mean of
several samples. Counters are drawn as their growth per second.

| collector | chart | curve | made of |
|---|---|---|---|
${SAMPLES.flatMap(curveRows).join('\n')}
${MEASUREMENTS.map(measurementSection).join('')}`;
}

function curveRows({ collector, charts = [] }: SampleMeasurement): string[] {
  return charts.flatMap(({ title, curves }) =>
    curves.map(({ name, label, plus, minus = [] }) => {
      const madeOf = [inCode(plus), ...(minus.length > 0 ? [inCode(minus)] : [])].join(' less ');
      return `| \`${collector}\` | ${title} | ${label} (\`${name}\`) | ${madeOf} |`;
    }),
  );
}

function inCode(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function measurementSection({ name, bucket, help, tags, mayLack = [], fields }: Measurement): string {
  const rows = fields.map(
    (field) => `| \`${field.name}\` | ${field.type} | ${field.kind} | ${field.unit} | ${field.help} |`,
  );
  const lack =
    mayLack.length === 0
      ? ''
      : ` A point that lacks ${inCode(mayLack)} has what all points had before there was the tag (the defaults of the options).`;
  return `
### \`${name}\`

${help} Bucket: ${bucket}. Tags: ${inCode(tags)}.${lack}

| field | type | kind | unit | what it is |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main) process.stdout.write(metricsPage());
