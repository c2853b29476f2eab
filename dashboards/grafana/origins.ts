import type { Origin } from './influxql.ts';

/** Variables of the dashboards of samples. */
const SAMPLE_FILTERS = ['site', 'suite', 'backend', 'run', 'cluster'] as const;

/** What one run is told apart by. Points of before there was the tag `run` are one run without a name. */
export const RUN = ['site', 'suite', 'backend', 'run'] as const;

const CLUSTER = ['site', 'runner', 'suite', 'backend', 'run', 'cluster'] as const;

/** Worker processes. Their names come again in the next cluster, where their counters begin again. */
export const WORKERS: Origin = {
  measurement: 'hepbench_worker',
  tags: [...CLUSTER, 'worker'],
  filters: [...SAMPLE_FILTERS, 'worker'],
};

/** Schedulers: each cluster has one. */
export const SCHEDULERS: Origin = { measurement: 'hepbench_scheduler', tags: CLUSTER, filters: SAMPLE_FILTERS };

/** Machines, as each run sees them. Their counters go on from cluster to cluster, so suite and backend tell nothing apart. */
export const HOSTS: Origin = { measurement: 'hepbench_host', tags: ['site', 'run', 'host'], filters: ['site', 'run'] };

/** A machine by itself: what two runs say of it is not added up. */
export const MACHINE = ['site', 'host'] as const;

/** Sinks. One sink serves all clusters of a run: grouped by backend, each would claim the growth during the others. */
export const SINKS: Origin = {
  measurement: 'hepbench_sink',
  tags: ['site', 'runner', 'suite', 'run'],
  filters: ['site', 'run'],
};
