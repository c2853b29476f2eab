import type { Truth } from '../../suites/suite.ts';
import type { Dataset } from '../datasets/datasets.ts';

/** The files of a data set as a trial reads them whose point lists all of them `times` times. */
export function listedFiles(files: Dataset['files'], times: number): Dataset['files'] {
  return Array.from({ length: times }, () => files).flat();
}

/** The right answer for data that are listed several times: every event is counted as often. */
export function listedTruth(truth: Truth, times: number): Truth {
  const scaled = (values: readonly (number | string)[]): number[] => values.map((value) => Number(value) * times);
  return {
    contentHash: truth.contentHash,
    events: truth.events * times,
    histograms: truth.histograms.map((histogram) => ({
      ...histogram,
      values: scaled(histogram.values),
      sumw2: scaled(histogram.sumw2),
    })),
    ambiguous: Array.from({ length: times }, () => truth.ambiguous).flat(),
  };
}
