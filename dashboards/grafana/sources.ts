/** Which of the two buckets: samples of some weeks, or one point for each trial. */
export type Source = 'raw' | 'lasting';

export const DATA_SOURCE_TYPE = 'influxdb';

/** Uid and name of the provisioned data source; InfluxQL has one for each database, which in InfluxDB 2 is a bucket. */
export const DATA_SOURCE_UIDS: Readonly<Record<Source, string>> = {
  raw: 'hepbench-raw',
  lasting: 'hepbench-lasting',
};

/** A data source by the variable of the dashboard, so that a dashboard can be pointed at other buckets. */
export function sourceRef(source: Source): { readonly type: string; readonly uid: string } {
  return { type: DATA_SOURCE_TYPE, uid: `\${${source}}` };
}

/** The source that a reference of a dashboard names; undefined for any other data source. */
export function sourceOf(uid: string | undefined): Source | undefined {
  if (uid === sourceRef('raw').uid) return 'raw';
  return uid === sourceRef('lasting').uid ? 'lasting' : undefined;
}
