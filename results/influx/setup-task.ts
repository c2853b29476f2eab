import { TasksAPI } from '@influxdata/influxdb-client-apis';
import { measurementOf } from '../../core/model/samples.ts';
import type { Organisation, SetupRequest } from './setup-organisation.ts';

/** Means of the samples by minute, and counters as they stood at its end. */
function downsamplingFlux({ bucket, rawBucket }: Pick<SetupRequest, 'bucket' | 'rawBucket'>): string {
  const { name } = measurementOf('agent');
  // Further back than an hour: journals come late after an outage, and a minute done again is the same point.
  return `import "date"

option task = {name: ${quoted(taskName({ bucket, rawBucket }))}, every: 1h, offset: 5m}

samples = from(bucket: ${quoted(rawBucket)})
  |> range(start: date.truncate(t: -3h, unit: 1m), stop: date.truncate(t: now(), unit: 1m))
  |> filter(fn: (r) => r._measurement == "${name}")

samples
  |> filter(fn: (r) => r._field !~ /_total$/)
  |> aggregateWindow(every: 1m, fn: mean, createEmpty: false)
  |> set(key: "_measurement", value: "${name}_1m")
  |> to(bucket: ${quoted(bucket)})

samples
  |> filter(fn: (r) => r._field =~ /_total$/)
  |> aggregateWindow(every: 1m, fn: last, createEmpty: false)
  |> set(key: "_measurement", value: "${name}_1m")
  |> to(bucket: ${quoted(bucket)})
`;
}

/** Makes the task that keeps means of the samples in the lasting bucket, or brings it up to date. */
export async function ensureTask(setup: SetupRequest, { server, orgID }: Organisation): Promise<void> {
  const api = new TasksAPI(server);
  const name = taskName(setup);
  const flux = downsamplingFlux(setup);
  const task = (await api.getTasks({ orgID, name })).tasks?.[0];
  if (task === undefined) {
    await api.postTasks({ body: { orgID, flux } });
    setup.say(`task ${name}: made`);
  } else if (task.flux.trim() === flux.trim()) {
    setup.say(`task ${name}: is there`);
  } else {
    await api.patchTasksID({ taskID: task.id, body: { flux } });
    setup.say(`task ${name}: changed`);
  }
}

function taskName({ bucket, rawBucket }: Pick<SetupRequest, 'bucket' | 'rawBucket'>): string {
  return `hepbench downsample ${rawBucket} to ${bucket}`;
}

/** A string of Flux, in which `${` would begin an expression. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', '\\${');
}
