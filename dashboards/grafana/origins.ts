import type { Origin } from './influxql.ts';

/** Variables of the dashboards of samples. */
export const SAMPLE_FILTERS = ['site', 'suite', 'backend'] as const;

const BLOCK = ['site', 'runner', 'suite', 'backend'] as const;

/** Worker processes. Their names come again in the next block, where their counters begin again. */
export const WORKERS: Origin = {
  measurement: 'hepbench_worker',
  tags: [...BLOCK, 'worker'],
  filters: [...SAMPLE_FILTERS, 'worker'],
};

/** Schedulers: each block has one. */
export const SCHEDULERS: Origin = { measurement: 'hepbench_scheduler', tags: BLOCK, filters: SAMPLE_FILTERS };

/** Machines. Their counters go on from block to block, so suite and backend tell nothing apart. */
export const HOSTS: Origin = { measurement: 'hepbench_host', tags: ['site', 'host'], filters: ['site'] };

/** Sinks. One sink serves all blocks of a run: grouped by backend, each would claim the growth during the others. */
export const SINKS: Origin = { measurement: 'hepbench_sink', tags: ['site', 'runner', 'suite'], filters: ['site'] };
