import columns from '../../analyses/src/hepbench/analyses/adl/columns.json' with { type: 'json' };
import type { Backend } from '../../core/model/event.ts';
import type { Parameters, Suite } from '../suite.ts';
import { compareAnswer } from '../compare.ts';

const QUERIES = ['1', '2', '3', '4', '5', '6', '7', '8'] as const;

const HISTOGRAMS: Readonly<Record<string, readonly string[]>> = {
  1: ['q1_met'],
  2: ['q2_jet_pt'],
  3: ['q3_central_jet_pt'],
  4: ['q4_met_two_jets'],
  5: ['q5_met_dimuon'],
  6: ['q6_trijet_pt', 'q6_trijet_btag'],
  7: ['q7_isolated_jet_sum'],
  8: ['q8_transverse_mass'],
};

/** What each query reads; RDataFrame reads only the columns of its filters for every event, the others where an event passes. */
const COLUMNS: Readonly<Record<string, { readonly reads: readonly string[]; readonly filters?: readonly string[] }>> =
  columns;

/** The eight IRIS-HEP queries; their definition is in README.md. */
export const adl: Suite = {
  name: 'adl',
  summary: 'the eight IRIS-HEP queries on NanoAOD-like files, all answers checked',
  backends: ['rdataframe', 'coffea'],
  readsData: true,
  parameters: [
    {
      name: 'queries',
      summary: 'which of the queries to run',
      default: QUERIES.join(','),
      values: 'numbers from 1 to 8, such as 1,4 or 1..3',
      parse: parseQueries,
    },
    {
      name: 'loops',
      summary: 'all queries in one event loop, or one loop for each query',
      default: 'one',
      values: 'one, per-query',
      parse: (text) => (text === 'one' || text === 'per-query' ? text : undefined),
    },
  ],
  columns: (parameters) => [...new Set(queriesOf(parameters).flatMap((query) => COLUMNS[query]?.reads ?? []))],
  alwaysRead,
  loops: (parameters) => (parameters['loops'] === 'per-query' ? queriesOf(parameters).length : 1),
  check: (answer, truth, parameters) =>
    compareAnswer(
      answer,
      truth,
      queriesOf(parameters).flatMap((query) => HISTOGRAMS[query] ?? []),
    ),
  cost,
};

function alwaysRead(backend: Backend, parameters: Parameters): string[][] {
  const columnsOf = (query: string) =>
    (backend === 'rdataframe' ? COLUMNS[query]?.filters : undefined) ?? COLUMNS[query]?.reads ?? [];
  const queries = queriesOf(parameters);
  const loops = parameters['loops'] === 'per-query' ? queries.map((query) => [query]) : [queries];
  return loops.map((loop) => [...new Set(loop.flatMap(columnsOf))]);
}

function parseQueries(text: string): string | undefined {
  const chosen = new Set<string>();
  for (const part of text.split(',')) {
    const match = /^([1-8])(?:\.\.([1-8]))?$/.exec(part.trim());
    if (!match?.[1]) return undefined;
    for (let query = Number(match[1]); query <= Number(match[2] ?? match[1]); query++) chosen.add(String(query));
  }
  return chosen.size === 0 ? undefined : QUERIES.filter((query) => chosen.has(query)).join(',');
}

function queriesOf(parameters: Parameters): string[] {
  return (parameters['queries'] ?? '').split(',');
}

/** From runs on two shared cores. A task of coffea reads the metadata of all branches of its file anew. */
function cost(backend: Backend, parameters: Parameters) {
  const share = queriesOf(parameters).length / QUERIES.length;
  return backend === 'coffea'
    ? { secondsPerEvent: 10e-6 * share, secondsPerTask: 0.35, coldSeconds: 2, pssBytes: 320e6 }
    : { secondsPerEvent: 5e-6 * share, secondsPerTask: 0.02, coldSeconds: 3 + 7 * share, pssBytes: 260e6 };
}
