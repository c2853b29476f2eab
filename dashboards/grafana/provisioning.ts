import { ALERTS, ruleOf } from './alerts.ts';
import { grafanaDashboards } from './index.ts';
import { DATA_SOURCE_TYPE, DATA_SOURCE_UIDS, type Source } from './sources.ts';
import { yaml } from './yaml.ts';

/** A file below `deploy/grafana`. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

const NOTE = '# Made by `npm run generate` from dashboards/grafana; do not edit.\n';
const FOLDER = 'hepbench';
/** Where the container finds `deploy/grafana/dashboards`. */
const DASHBOARDS_PATH = '/var/lib/grafana/hepbench';

/** The variable of Grafana's environment that names the bucket of each source. */
const BUCKET_VARIABLES: Readonly<Record<Source, string>> = {
  raw: '$HEPBENCH_INFLUX_RAW_BUCKET',
  lasting: '$HEPBENCH_INFLUX_BUCKET',
};

function dataSource(source: Source) {
  return {
    name: DATA_SOURCE_UIDS[source],
    uid: DATA_SOURCE_UIDS[source],
    type: DATA_SOURCE_TYPE,
    access: 'proxy',
    url: '$HEPBENCH_INFLUX_URL',
    isDefault: source === 'lasting',
    editable: false,
    jsonData: {
      dbName: BUCKET_VARIABLES[source],
      httpMode: 'POST',
      httpHeaderName1: 'Authorization',
      // Samples come once a second.
      timeInterval: '1s',
      // Of one query: a table of trials has a series for each point.
      maxSeries: 10_000,
    },
    secureJsonData: { httpHeaderValue1: 'Token $HEPBENCH_INFLUX_READ_TOKEN' },
  };
}

const DATA_SOURCES = { apiVersion: 1, datasources: [dataSource('raw'), dataSource('lasting')] };

const PROVIDERS = {
  apiVersion: 1,
  providers: [
    {
      name: FOLDER,
      folder: FOLDER,
      type: 'file',
      disableDeletion: true,
      allowUiUpdates: false,
      updateIntervalSeconds: 60,
      options: { path: DASHBOARDS_PATH },
    },
  ],
};

const ALERTING = {
  apiVersion: 1,
  groups: [{ orgId: 1, name: 'hepbench', folder: FOLDER, interval: '1m', rules: ALERTS.map(ruleOf) }],
};

/** Every file that Grafana is provisioned with. */
export function grafanaFiles(): readonly GeneratedFile[] {
  return [
    ...grafanaDashboards.map(({ uid, json }) => ({
      path: `dashboards/${uid}.json`,
      text: `${JSON.stringify(json, null, 2)}\n`,
    })),
    { path: 'provisioning/datasources/hepbench.yaml', text: NOTE + yaml(DATA_SOURCES) },
    { path: 'provisioning/dashboards/hepbench.yaml', text: NOTE + yaml(PROVIDERS) },
    { path: 'provisioning/alerting/hepbench.yaml', text: NOTE + yaml(ALERTING) },
  ];
}
