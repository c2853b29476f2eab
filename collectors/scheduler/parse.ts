/** Names on the page `/metrics` that are kept, with the label that tells their parts apart. Task prefixes are added up: their number is not bounded. */
const KEPT: Readonly<Record<string, 'state' | 'sum' | undefined>> = {
  dask_scheduler_tasks: 'state',
  dask_scheduler_workers: 'state',
  dask_scheduler_clients: 'sum',
  dask_scheduler_tasks_suspicious_total: 'sum',
  dask_scheduler_tasks_compute_seconds_total: 'sum',
  dask_scheduler_tasks_transfer_seconds_total: 'sum',
  dask_scheduler_workers_added_total: 'sum',
  dask_scheduler_workers_removed_total: 'sum',
};

/** Values of a Prometheus text page, e.g. `dask_scheduler_tasks_memory`. */
export function parseScheduler(page: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const line of page.split('\n')) {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    const [name, labels, text] = [match?.[1] ?? '', match?.[2] ?? '', match?.[3]];
    const kept = KEPT[name];
    const value = Number(text);
    if (kept === undefined || !Number.isFinite(value)) continue;
    // Dask has a state `no-worker`, which is no part of a metric's name.
    const state =
      kept === 'state' ? `_${/state="([^"]*)"/.exec(labels)?.[1]?.replaceAll(/\W/g, '_') ?? 'unknown'}` : '';
    values[`${name}${state}`] = (values[`${name}${state}`] ?? 0) + value;
  }
  // A sum may be beyond all numbers though its parts are not.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}
