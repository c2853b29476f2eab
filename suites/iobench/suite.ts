import type { Reason } from '../../core/model/record.ts';
import type { GivenAnswer, Parameters, Suite, Truth } from '../suite.ts';
import { type ColumnBytes, columnsOfShare, SHARES, withCounters } from './columns.ts';

const MODULUS = 2 ** 32;
const NAMES = /^[A-Za-z]\w*(,[A-Za-z]\w*)*$/;

/** Reads columns and does nothing with them; its definition is in README.md. */
export const iobench: Suite = {
  name: 'iobench',
  summary: 'reads and decompresses columns and does nothing with them: the floor for all suites',
  backends: ['rdataframe', 'coffea'],
  readsData: true,
  parameters: [
    {
      name: 'columns',
      summary: 'per cent of the bytes of all columns, or names of columns',
      default: '4',
      values: `${SHARES.join(', ')}, or names with commas such as MET_pt,nJet,Jet_pt`,
      parse: parseColumns,
    },
  ],
  columns,
  alwaysRead: (_backend, _parameters, read) => [read],
  loops: () => 1,
  check,
  cost: (backend) =>
    backend === 'coffea'
      ? { secondsPerEvent: 10e-6, secondsPerTask: 0.3, coldSeconds: 2, pssBytes: 250e6 }
      : { secondsPerEvent: 10e-6, secondsPerTask: 0.02, coldSeconds: 3, pssBytes: 230e6 },
};

function parseColumns(text: string): string | undefined {
  const share = SHARES.find((one) => String(one) === text.trim());
  if (share !== undefined) return String(share);
  const names = text.split(',').map((name) => name.trim());
  const canonical = [...new Set(names)].toSorted().join(',');
  return NAMES.test(canonical) ? canonical : undefined;
}

function columns(parameters: Parameters, bytes: ColumnBytes): readonly string[] {
  const text = parameters['columns'] ?? '';
  const share = SHARES.find((one) => String(one) === text);
  return share === undefined ? withCounters(text.split(','), bytes) : columnsOfShare(bytes, share);
}

function check(
  answer: GivenAnswer,
  truth: Truth | undefined,
  _parameters: Parameters,
  read: readonly string[],
): readonly Reason[] {
  if (!truth) return [{ code: 'TRUTH_MISSING', message: 'the data set has no truth to compare with' }];
  const reasons: Reason[] = [];
  if (answer.events !== truth.events) {
    reasons.push({ code: 'EVENTS_WRONG', message: `${answer.events} events read, the data set holds ${truth.events}` });
  }
  const [given, ...others] = answer.histograms;
  if (given?.name !== 'columns' || others.length > 0 || given.bins !== read.length)
    return [...reasons, wrong(`not one histogram "columns" with a bin for each of ${read.length} columns`)];
  for (const [index, name] of read.entries()) {
    const expected = truth.histograms.find((histogram) => histogram.name === name);
    if (!expected) {
      reasons.push({ code: 'TRUTH_MISSING', message: `the truth has no column ${name}` });
      continue;
    }
    const [sum, values] = [Number(given.values[index + 1]), Number(given.sumw2[index + 1])];
    const [rightSum, rightValues] = [Number(expected.values[1]) % MODULUS, Number(expected.sumw2[1])];
    if (values !== rightValues) reasons.push(wrong(`column ${name}: ${values} values, expected ${rightValues}`));
    else if (sum !== rightSum) reasons.push(wrong(`column ${name}: bits add up to ${sum}, expected ${rightSum}`));
  }
  return reasons;
}

function wrong(message: string): Reason {
  return { code: 'ANSWER_WRONG', message };
}
