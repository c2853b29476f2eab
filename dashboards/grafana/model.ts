import { z } from 'zod';

import { type Source, sourceOf } from './sources.ts';

const Ref = z.object({ uid: z.string().optional() });
const Target = z.object({
  refId: z.string().optional(),
  datasource: Ref.optional(),
  rawQuery: z.boolean().optional(),
  query: z.string().optional(),
  resultFormat: z.string().optional(),
  alias: z.string().optional(),
});
const Panel = z.object({
  id: z.int().optional(),
  type: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }).optional(),
  targets: z.array(Target).optional(),
  pluginVersion: z.string().optional(),
  options: z.looseObject({ footer: z.looseObject({ show: z.boolean() }).optional() }).optional(),
  fieldConfig: z
    .object({
      defaults: z.object({ unit: z.string().optional() }),
      overrides: z.array(z.object({ properties: z.array(z.object({ id: z.string() })) })).optional(),
    })
    .optional(),
});

/** What is read of a dashboard's JSON; all that a check asks for may be missing. */
export const DashboardModel = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(Panel),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), query: z.unknown(), datasource: Ref.optional() })),
  }),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), datasource: Ref.optional(), target: Target })) }),
});
export type DashboardModel = z.infer<typeof DashboardModel>;
export type PanelModel = z.infer<typeof Panel>;

/** A query of a dashboard and where it stands. */
export interface PlacedQuery {
  readonly dashboard: string;
  /** 0 for queries of variables and annotations. */
  readonly panelId: number;
  readonly panelTitle: string;
  readonly refId: string;
  /** Undefined when its data source is neither of the two. */
  readonly datasource: Source | undefined;
  readonly query: string;
}

/** The panels that show something: rows are headings. */
export function drawnPanels({ panels }: DashboardModel): readonly PanelModel[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** The query of every target of every panel. */
export function queriesOf(dashboard: DashboardModel): readonly PlacedQuery[] {
  return drawnPanels(dashboard).flatMap(({ id = 0, title = '', targets = [] }) =>
    targets.map(({ refId = '', datasource, query = '' }) => ({
      dashboard: dashboard.uid,
      panelId: id,
      panelTitle: title,
      refId,
      datasource: sourceOf(datasource?.uid),
      query,
    })),
  );
}

/** The queries that are no panel's: of variables and annotations. */
export function otherQueriesOf({ uid, templating, annotations }: DashboardModel): readonly PlacedQuery[] {
  const common = { dashboard: uid, panelId: 0 } as const;
  return [
    ...templating.list.flatMap(({ name, type, query, datasource }) => {
      if (type !== 'query' || typeof query !== 'string') return [];
      return [{ ...common, panelTitle: `variable ${name}`, refId: name, datasource: sourceOf(datasource?.uid), query }];
    }),
    ...annotations.list.map(({ name, datasource, target: { query = '' } }) => ({
      ...common,
      panelTitle: `annotation ${name}`,
      refId: name,
      datasource: sourceOf(datasource?.uid),
      query,
    })),
  ];
}
