const SUMS = { MET_pt: [7, 5], nJet: [11, 5], Jet_pt: [2 ** 31, 11] } as const;

/** What an analysis answers of its columns: their sums and their numbers of values, in order. */
export const histogram = (name: string, values: readonly number[], sumw2: readonly number[]) => ({
  name,
  title: '',
  bins: values.length,
  lo: 0,
  hi: values.length,
  values: [0, ...values, 0],
  sumw2: [0, ...sumw2, 0],
});
const pairs = Object.values(SUMS);

/** For the contract of suites: a truth, and the right answer to it. */
export const example = {
  parameters: { columns: '100' },
  bytes: { MET_pt: 10, nJet: 5, Jet_pt: 100 },
  truth: {
    contentHash: 'h',
    events: 5,
    histograms: Object.entries(SUMS).map(([name, [sum, values]]) => histogram(name, [sum], [values])),
    ambiguous: [],
  },
  answer: {
    events: 5,
    histograms: [
      histogram(
        'columns',
        pairs.map(([sum]) => sum),
        pairs.map(([, values]) => values),
      ),
    ],
  },
};
