import { adl } from '../suite.ts';

const parameters = { queries: '1,6', loops: 'one' };
const histograms = ['q1_met', 'q6_trijet_pt', 'q6_trijet_btag'].map((name) => ({
  name,
  title: '',
  bins: 2,
  lo: 0,
  hi: 1,
  values: [1, 3, 0, 1],
  sumw2: [1, 3, 0, 1],
}));

/** For the contract of suites: a truth, and the right answer to it. */
export const example = {
  parameters,
  bytes: Object.fromEntries(adl.columns(parameters, {}).map((name) => [name, 100])),
  truth: { contentHash: 'h', events: 5, histograms, ambiguous: [] },
  answer: { events: 5, histograms },
};
