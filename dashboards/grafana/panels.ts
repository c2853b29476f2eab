import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as barchart from '@grafana/grafana-foundation-sdk/barchart';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DataSourceRef, DataTransformerConfig, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import * as xychart from '@grafana/grafana-foundation-sdk/xychart';

import type { Query } from './influxql.ts';
import { sourceRef } from './sources.ts';
import { CURVE_KEYS } from './trials.ts';

/** What every panel has. */
interface Described {
  /** Unique in its dashboard and fixed for ever: links and alerts name it. */
  readonly id: number;
  readonly title: string;
  /** What is shown, from which field and over which window. */
  readonly description: string;
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Columns of 24. */
  readonly width?: number;
  readonly height?: number;
}

/** Shortest interval of the samples' panels: five samples, so that a late one leaves no hole in a sum. */
const SHORTEST_INTERVAL = '5s';
const POINT_SIZE = 6;

/** What all builders of the SDK share. */
interface PanelBuilder {
  id(id: number): this;
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  span(w: number): this;
  height(h: number): this;
  datasource(ref: DataSourceRef): this;
  withTarget(target: Builder<Dataquery>): this;
}

/** A target: the SDK has no builder for InfluxDB, so any object with `build` serves. */
export function target(query: Query, refId: string): Builder<Dataquery> {
  const { source, text, format, alias } = query;
  const built = {
    refId,
    datasource: sourceRef(source),
    rawQuery: true,
    query: text,
    resultFormat: format,
    ...(alias === undefined ? {} : { alias }),
    // The SDK marks its queries with this method; it does not reach the JSON.
    _implementsDataqueryVariant: () => undefined,
  };
  return { build: () => built };
}

function described<B extends PanelBuilder>(builder: B, spec: Described): B {
  const { id, title, description, unit, queries, width = 12, height = 9 } = spec;
  builder.id(id).title(title).description(description).unit(unit).span(width).height(height);
  const [first] = queries;
  if (first) builder.datasource(sourceRef(first.source));
  for (const [i, query] of queries.entries()) builder.withTarget(target(query, String.fromCodePoint(65 + i)));
  return builder;
}

function legend(): Builder<common.VizLegendOptions> {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .calcs([]);
}

function tooltip(): Builder<common.VizTooltipOptions> {
  return { build: () => ({ mode: common.TooltipDisplayMode.Multi, sort: common.SortOrder.Descending }) };
}

/** Lines over time; `stacked` for parts of a whole. Nothing is drawn where there is no sample. */
export function linesPanel(spec: Described & { readonly stacked?: boolean; readonly max?: number }): Builder<Panel> {
  const panel = described(new timeseries.PanelBuilder(), spec)
    .interval(SHORTEST_INTERVAL)
    .legend(legend())
    .tooltip(tooltip())
    .drawStyle(common.GraphDrawStyle.Line)
    .showPoints(common.VisibilityMode.Auto)
    .spanNulls(false)
    .min(0);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.stacked === true) {
    panel.fillOpacity(40).stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  }
  return panel;
}

/** One point for each trial or day. */
export function pointsPanel(spec: Described): Builder<Panel> {
  return described(new timeseries.PanelBuilder(), spec)
    .interval(SHORTEST_INTERVAL)
    .legend(legend())
    .tooltip(tooltip())
    .drawStyle(common.GraphDrawStyle.Points)
    .showPoints(common.VisibilityMode.Always)
    .pointSize(POINT_SIZE)
    .min(0);
}

function byName(name: string): { readonly matcher: xychart.MatcherConfig } {
  return { matcher: { id: 'byName', options: name } };
}

/** A transformation of Grafana by its id. */
function transformation(id: string, options: Readonly<Record<string, unknown>>): DataTransformerConfig {
  return { id, options };
}

/** By the integer field, so that the lines run from left to right: a table keeps no order of its own. */
const BY_WORKERS = transformation('sortBy', { sort: [{ field: 'workers_asked' }] });

/** Curves against workers: one series for each set of `CURVE_KEYS` of its one table, and for each column of `y`. */
export function curvesPanel(
  spec: Described & { readonly y: readonly string[]; readonly axis: string },
): Builder<Panel> {
  return (
    described(new xychart.PanelBuilder(), spec)
      .withTransformation(BY_WORKERS)
      .withTransformation(
        transformation('partitionByValues', {
          fields: CURVE_KEYS,
          keepFields: false,
          naming: { asLabels: false, append: false, withNames: true, separator1: '=', separator2: ' ' },
        }),
      )
      // Manual mapping wants the number of each frame, and how many there are depends on the data.
      .mapping(xychart.SeriesMapping.Auto)
      .series(spec.y.map((name) => new xychart.XYSeriesConfigBuilder().x(byName('workers_asked')).y(byName(name))))
      .show(xychart.XYShowMode.PointsAndLines)
      .pointSize({ fixed: POINT_SIZE })
      .axisLabel(spec.axis)
      .legend(legend())
      .tooltip(tooltip())
      .min(0)
  );
}

/** Stacked bars, one for each number of workers, in one panel for each backend. */
export function barsPanel(spec: Described & { readonly axis: string }): Builder<Panel> {
  return (
    described(new barchart.PanelBuilder(), spec)
      .repeat('backend')
      .repeatDirection('h')
      .withTransformation(BY_WORKERS)
      .withTransformation(
        transformation('organize', { excludeByName: { Time: true, time: true, workers_asked: true } }),
      )
      .xField('workers')
      // The SDK sets 0, which Grafana may read as no letters at all.
      .xTickLabelMaxLength(12)
      .stacking(common.StackingMode.Normal)
      .showValue(common.VisibilityMode.Never)
      .axisLabel(spec.axis)
      .legend(legend())
      .tooltip(tooltip())
  );
}

/** One horizontal bar for each series: its last value. */
export function rankingPanel(spec: Described): Builder<Panel> {
  return described(new bargauge.PanelBuilder(), spec)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .namePlacement(common.BarGaugeNamePlacement.Top)
    .reduceOptions(new common.ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''))
    .min(0);
}

/** All rows of all queries as one table. */
export function tablePanel(spec: Described): Builder<Panel> {
  return described(new table.PanelBuilder(), spec)
    .withTransformation(transformation('merge', {}))
    .overrideByName('report_url', [
      { id: 'links', value: [{ title: 'report', url: '${__value.raw}', targetBlank: true }] },
    ])
    .showHeader(true)
    .filterable(true);
}
