import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

import { AXES, AXIS_LIST, type AxisName } from '../../core/model/axes.ts';
import { DATA_SOURCE_TYPE, DATA_SOURCE_UIDS, type Source, sourceRef } from './sources.ts';

/** A variable that chooses among the values of a tag. */
export interface TagVariable {
  readonly tag: string;
  readonly label: string;
  readonly source: Source;
  readonly measurement: string;
  /** Variables before it that narrow its values. */
  readonly within: readonly string[];
  /** For tags that are numbers. */
  readonly numeric?: boolean;
  /** For names that begin with their time. */
  readonly newestFirst?: boolean;
}

/** What Grafana puts into the value of a variable for `All`. */
export const ALL = '$__all';
/** What it puts into the query instead: also a tag that a point does not have. */
export const ALL_PATTERN = '.*';

/** Chooses the data source that holds one of the two buckets. */
export function bucketVariable(source: Source, label: string): Builder<VariableModel> {
  return new DatasourceVariableBuilder(source)
    .label(label)
    .type(DATA_SOURCE_TYPE)
    .current({ selected: true, text: DATA_SOURCE_UIDS[source], value: DATA_SOURCE_UIDS[source] });
}

/** Chooses values of a tag; all of them at first. */
export function tagVariable({
  tag,
  label,
  source,
  measurement,
  within,
  numeric,
  newestFirst,
}: TagVariable): Builder<VariableModel> {
  const conditions = within.map((other) => `"${other}" =~ /^\${${other}:regex}$/`).join(' AND ');
  const query = `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}"${conditions === '' ? '' : ` WHERE ${conditions}`}`;
  const variable = new QueryVariableBuilder(tag)
    .label(label)
    .datasource(sourceRef(source))
    .query(query)
    .definition(query)
    .multi(true)
    .includeAll(true)
    .allValue(ALL_PATTERN)
    .current({ selected: true, text: ['All'], value: [ALL] })
    .refresh(VariableRefresh.OnDashboardLoad);
  const byName = newestFirst === true ? VariableSort.AlphabeticalDesc : VariableSort.AlphabeticalAsc;
  const sort = numeric === true ? VariableSort.NumericalAsc : byName;
  return { build: () => ({ ...variable.build(), sort }) };
}

const OF_TRIALS = { source: 'lasting', measurement: 'hepbench_trial' } as const;
const OF_SAMPLES = { source: 'raw', measurement: 'hepbench_worker' } as const;

function axisVariable(name: AxisName): TagVariable {
  const { tag, title: label, schema } = AXES[name];
  const within = name === 'suite' ? ['site'] : ['site', 'suite'];
  return { ...OF_TRIALS, tag, label, within, numeric: schema.safeParse(1).success };
}

/** The axes that tell curves apart, the two first that are chosen most. */
const OF_CURVES = AXIS_LIST.filter(({ identity }) => identity !== 'point').map(({ name }) => name);

/** Variables of the dashboards of trials, each narrowed by the site and the suite. */
export const TRIAL_VARIABLES: readonly TagVariable[] = [
  { ...OF_TRIALS, tag: 'site', label: 'Site', within: [] },
  ...[...new Set<AxisName>(['suite', 'backend', ...OF_CURVES])].map(axisVariable),
];

/** Chooses numbers of workers. */
export const WORKERS_VARIABLE: TagVariable = axisVariable('workers');

/** Those variables of the dashboards of samples that are tags of trials as well. */
export const PLACE_FILTERS = ['site', 'suite', 'backend'] as const;

/** Variables of the dashboards of samples. */
export const SAMPLE_VARIABLES: readonly TagVariable[] = [
  { ...OF_SAMPLES, tag: 'site', label: 'Site', within: [] },
  { ...OF_SAMPLES, tag: 'suite', label: 'Suite', within: ['site'] },
  { ...OF_SAMPLES, tag: 'backend', label: 'Backend', within: ['site', 'suite'] },
  { ...OF_SAMPLES, tag: 'run', label: 'Run', within: PLACE_FILTERS, newestFirst: true },
  { ...OF_SAMPLES, tag: 'cluster', label: 'Cluster', within: [...PLACE_FILTERS, 'run'] },
  { ...OF_SAMPLES, tag: 'worker', label: 'Worker', within: [...PLACE_FILTERS, 'run', 'cluster'] },
];
