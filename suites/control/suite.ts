import type { Suite } from '../suite.ts';

const KINDS = ['empty', 'compute', 'sleep', 'lock', 'read', 'open', 'compile'] as const;

/** Tasks of known cost, as many as planned, each of one kind and one amount. */
export const control: Suite = {
  name: 'control',
  summary: "tasks of known cost: Dask's overhead on this cluster, and the calibration of the loss budget",
  backends: ['dask'],
  readsData: false,
  parameters: [
    {
      name: 'kind',
      summary: 'what each task does',
      default: 'empty',
      values: KINDS.join(', '),
      parse: (text) => KINDS.find((kind) => kind === text),
    },
    {
      name: 'amount',
      summary: 'seconds for compute, sleep, lock and open, bytes for read, functions for compile',
      default: '0',
      values: 'a number that is not negative',
      parse: parseAmount,
    },
    {
      name: 'merge',
      summary: 'bytes of a merged report',
      default: '0',
      values: 'a number that is not negative',
      parse: parseAmount,
    },
  ],
  columns: () => [],
  alwaysRead: () => [],
  loops: () => 1,
  // One event for each task: what counts is that every task ran, and that is judged for all suites.
  check: () => [],
  cost: (_backend, parameters) => ({
    secondsPerEvent: Number(parameters['amount']),
    secondsPerTask: 0,
    coldSeconds: 0,
    pssBytes: 60e6,
  }),
};

function parseAmount(text: string): string | undefined {
  const amount = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(amount) && amount >= 0 ? String(amount) : undefined;
}
