import type { LegendItem } from 'chart.js';

import { formatPercent, formatTick, type Unit } from '../format.ts';
import type { AxisTick } from '../view/types.ts';
import type { Theme } from './theme.ts';

export const FONT = { family: 'system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif', size: 12 } as const;
/** Ends the label of a dataset that has no line of its own in the legend. */
export const UNLISTED = '\u200b';

/** Title of an axis. */
function axisTitle(theme: Theme, text: string) {
  return { display: true, text, color: theme.muted, font: FONT } as const;
}

function tickStyle(theme: Theme) {
  return { color: theme.muted, font: FONT } as const;
}

function tickText(value: number, unit: Unit): string {
  if (unit === 'percent') return formatPercent(value).replace('.0', '');
  // Ticks are round numbers, but late in a long trial, or where little of it is shown, not of three digits.
  return unit === 's' ? String(Number(value.toPrecision(10))).replace('-', '−') : formatTick(value);
}

/** A linear axis for numbers in `unit`, from 0 to `reach` at least. */
export function linearAxis(theme: Theme, title: string, unit: Unit, reach = 0) {
  return {
    type: 'linear',
    beginAtZero: true,
    suggestedMax: reach,
    title: axisTitle(theme, title),
    border: { color: theme.grid },
    grid: { color: theme.grid },
    ticks: {
      ...tickStyle(theme),
      maxTicksLimit: 8,
      callback: (value: number | string): string => tickText(Number(value), unit),
    },
  } as const;
}

/** A logarithmic axis that has its ticks where the points are, and half a step of room at both ends. */
export function stepAxis(theme: Theme, title: string, ticks: readonly AxisTick[]) {
  const values = ticks.map(({ value }) => value);
  const labels = new Map(ticks.map(({ value, label }) => [value, label]));
  return {
    type: 'logarithmic',
    min: Math.min(...values) / 1.3,
    max: Math.max(...values) * 1.3,
    title: axisTitle(theme, title),
    border: { color: theme.grid },
    grid: { color: theme.grid },
    afterBuildTicks: (axis: { ticks: { value: number }[] }): void => {
      axis.ticks = values.map((value) => ({ value }));
    },
    ticks: {
      ...tickStyle(theme),
      autoSkip: false,
      callback: (value: number | string): string => labels.get(Number(value)) ?? '',
    },
  } as const;
}

/** A legend below nothing but listed datasets. */
export function legend(theme: Theme) {
  return {
    position: 'top',
    align: 'start',
    labels: {
      color: theme.ink,
      font: FONT,
      usePointStyle: true,
      pointStyleWidth: 11,
      boxHeight: 8,
      padding: 10,
      filter: (item: LegendItem): boolean => !item.text.endsWith(UNLISTED),
    },
  } as const;
}

/** Colours of the box that explains a point. */
export function tooltip(theme: Theme) {
  return {
    backgroundColor: theme.ink,
    titleColor: theme.page,
    bodyColor: theme.page,
    footerColor: theme.page,
    displayColors: false,
    titleFont: FONT,
    bodyFont: FONT,
    boxPadding: 4,
  } as const;
}
