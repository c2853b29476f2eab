import { expect, test } from 'vitest';
import type { Histogram } from '../../core/model/event.ts';
import type { Truth } from '../suite.ts';
import { adl } from './suite.ts';

const [queries, loops] = adl.parameters;
if (!queries || !loops) throw new Error('adl has two parameters');
const ALL = '1,2,3,4,5,6,7,8';

test.each([
  ['1..3,8', '1,2,3,8'],
  ['1', '1'],
  ['8,1', '1,8'],
  ['2,2,1..2', '1,2'],
  ['1..8', ALL],
  [' 1 , 4 ', '1,4'],
])('queries %j are %j', (text, canonical) => {
  expect(queries.parse(text)).toBe(canonical);
  expect(queries.parse(canonical)).toBe(canonical);
});

test.each(['', '0', '9', '1..9', '3..1', '1,', 'all', '1-3', '1...3', '11', 'q1'])('queries %j are refused', (text) => {
  expect(queries.parse(text)).toBeUndefined();
});

test('all queries in one loop are the default', () => {
  expect(queries.default).toBe(ALL);
  expect(loops.default).toBe('one');
});

test('loops are one or per-query and nothing else', () => {
  expect(['one', 'per-query', 'two', 'ONE', ''].map((text) => loops.parse(text))).toEqual([
    'one',
    'per-query',
    undefined,
    undefined,
    undefined,
  ]);
  expect(adl.loops({ queries: '1,5,8', loops: 'one' })).toBe(1);
  expect(adl.loops({ queries: '1,5,8', loops: 'per-query' })).toBe(3);
});

const muon = ['pt', 'eta', 'phi', 'mass', 'charge'].map((field) => `Muon_${field}`);
const electron = ['pt', 'eta', 'phi', 'mass', 'charge'].map((field) => `Electron_${field}`);

test.each([
  ['1', ['MET_pt']],
  ['2', ['nJet', 'Jet_pt']],
  ['3', ['nJet', 'Jet_pt', 'Jet_eta']],
  ['4', ['MET_pt', 'nJet', 'Jet_pt']],
  ['5', ['MET_pt', 'nMuon', ...muon]],
  ['6', ['nJet', 'Jet_pt', 'Jet_eta', 'Jet_phi', 'Jet_mass', 'Jet_btagCSVV2']],
  ['7', ['nJet', 'Jet_pt', 'Jet_eta', 'Jet_phi', 'nMuon', ...muon.slice(0, 3), 'nElectron', ...electron.slice(0, 3)]],
  ['8', ['MET_pt', 'MET_phi', 'nMuon', ...muon, 'nElectron', ...electron]],
])('query %s reads these columns', (query, columns) => {
  expect(adl.columns({ queries: query }, {})).toEqual(columns);
});

test('several queries read each column once: 20 for all', () => {
  const columns = adl.columns({ queries: ALL }, {});
  expect(new Set(columns).size).toBe(columns.length);
  expect(columns).toHaveLength(20);
});

const histogram = (name: string): Histogram => ({
  name,
  title: '',
  bins: 1,
  lo: 0,
  hi: 1,
  values: [0, 5, 0],
  sumw2: [0, 5, 0],
});
const names = ['q1_met', 'q2_jet_pt', 'q6_trijet_pt', 'q6_trijet_btag'];
const truth: Truth = { contentHash: 'h', events: 5, histograms: names.map(histogram), ambiguous: [] };

test('an answer is right when its events and the histograms of its queries are', () => {
  expect(adl.check({ events: 5, histograms: names.map(histogram) }, truth, { queries: '1,2,6' }, [])).toEqual([]);
  expect(adl.check({ events: 5, histograms: [histogram('q1_met')] }, truth, { queries: '1' }, [])).toEqual([]);
});

test('a histogram that is not there is named', () => {
  expect(adl.check({ events: 5, histograms: [histogram('q6_trijet_pt')] }, truth, { queries: '6' }, [])).toEqual([
    { code: 'ANSWER_WRONG', message: 'q6_trijet_btag: not in the answer' },
  ]);
});

test('a histogram that nobody asked for, or that is there twice, is named', () => {
  const given = ['q1_met', 'q1_met', 'q2_jet_pt'].map(histogram);
  expect(adl.check({ events: 5, histograms: given }, truth, { queries: '1' }, [])).toEqual([
    { code: 'ANSWER_WRONG', message: 'q1_met: more than once in the answer' },
    { code: 'ANSWER_WRONG', message: 'q2_jet_pt: was not asked for' },
  ]);
});

test('a wrong number of events is a reason of its own', () => {
  expect(adl.check({ events: 4, histograms: [histogram('q1_met')] }, truth, { queries: '1' }, [])).toEqual([
    { code: 'EVENTS_WRONG', message: '4 events read, the data set holds 5' },
  ]);
});

test('without a truth nothing is right', () => {
  expect(adl.check({ events: 5, histograms: [] }, undefined, { queries: '1' }, [])).toMatchObject([
    { code: 'TRUTH_MISSING' },
  ]);
  expect(adl.check({ events: 5, histograms: [histogram('q3_central_jet_pt')] }, truth, { queries: '3' }, [])).toEqual([
    { code: 'TRUTH_MISSING', message: 'the truth has no histogram q3_central_jet_pt' },
  ]);
});
