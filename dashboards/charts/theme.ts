// The palette of Okabe and Ito, which people with any colour vision can tell apart; backends also differ in marker and dash.

/** Colours of all charts on a light or a dark page. */
export interface Theme {
  readonly name: 'light' | 'dark';
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly page: string;
  /** Wash behind oversubscribed points. */
  readonly band: string;
  readonly palette: Palette;
}

interface Palette {
  readonly blue: string;
  /** The blue of the palette itself, for areas; lines on a dark page need a lighter one. */
  readonly deep: string;
  /** A pale blue beside the deep one. */
  readonly steel: string;
  readonly vermillion: string;
  readonly green: string;
  readonly orange: string;
  readonly sky: string;
  readonly purple: string;
  readonly rose: string;
  readonly sand: string;
  readonly yellow: string;
  readonly grey: string;
  readonly dark: string;
}

const common = {
  deep: '#0072b2',
  steel: '#9ebcda',
  green: '#009e73',
  orange: '#e69f00',
  sky: '#56b4e9',
  purple: '#cc79a7',
  rose: '#882255',
  sand: '#b08d57',
  vermillion: '#d55e00',
} as const;

export const LIGHT: Theme = {
  name: 'light',
  ink: '#1b1f24',
  muted: '#5b6470',
  grid: '#e3e6ea',
  page: '#ffffff',
  band: 'rgba(27, 31, 36, 0.05)',
  palette: { ...common, blue: '#0072b2', yellow: '#f0e442', grey: '#b4bac2', dark: '#6c7580' },
};

export const DARK: Theme = {
  name: 'dark',
  ink: '#e4e7eb',
  muted: '#9aa4b0',
  grid: '#2b3138',
  page: '#14171a',
  band: 'rgba(228, 231, 235, 0.06)',
  palette: {
    ...common,
    blue: '#3d9ad1',
    vermillion: '#ec7a2c',
    green: '#16b88a',
    yellow: '#f0e442',
    grey: '#7a838e',
    dark: '#566069',
  },
};

/** How a curve is drawn. */
export interface CurveStyle {
  readonly colour: string;
  readonly marker: 'circle' | 'triangle' | 'rect' | 'rectRot' | 'star' | 'crossRot';
  readonly dash: readonly number[];
}

const MARKERS = ['circle', 'triangle', 'rect', 'rectRot', 'crossRot', 'star'] as const;
const DASHES = [[], [7, 3], [2, 3], [10, 3, 2, 3]] as const;
const BACKENDS = [
  ['rdataframe', 'blue'],
  ['coffea', 'vermillion'],
  ['dask', 'green'],
] as const;

/** The same backend has the same colour everywhere; further curves of it get other markers and dashes. */
export function curveStyle(theme: Theme, backend: string, variant: number): CurveStyle {
  const index = Math.max(
    0,
    BACKENDS.findIndex(([name]) => name === backend),
  );
  const colour = theme.palette[BACKENDS[index]?.[1] ?? 'blue'];
  const marker = MARKERS[(index + 3 * variant + Math.floor(variant / 2)) % MARKERS.length] ?? 'circle';
  return { colour, marker, dash: DASHES[(index + variant) % DASHES.length] ?? [] };
}

/** Colour of a part of the loss budget; `unexplained` is hollow. */
export function partColour(theme: Theme, part: string): string {
  const { palette } = theme;
  const colours: { readonly [name: string]: string } = {
    useful: palette.green,
    taskCpu: palette.green,
    inflation: palette.yellow,
    opening: palette.rose,
    handover: palette.sand,
    compilation: palette.purple,
    coreWait: palette.orange,
    readWait: palette.sky,
    otherWait: palette.grey,
    preparation: palette.steel,
    scheduling: palette.deep,
    merging: palette.vermillion,
    idleTail: palette.dark,
    unexplained: theme.page,
  };
  return colours[part] ?? palette.grey;
}

/** Adds transparency to a `#rrggbb` colour; `alpha` in [0, 1]. */
export function faded(colour: string, alpha: number): string {
  return `${colour}${Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
