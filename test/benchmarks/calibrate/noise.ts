import { seededRandom } from '../../../core/stats/random.ts';

/** What disturbs a simulated experiment; standard deviations are of the logarithm. */
export interface Noise {
  readonly session: number;
  readonly repeat: number;
  /** Correlation of a repeat with the one before it in its session. */
  readonly correlation?: number;
  /** Share of repeats that take 30 % longer. */
  readonly stalls?: number;
}

export interface Design {
  readonly sessions: number;
  readonly repeats: number;
}

export const DESIGNS: readonly Design[] = [
  { sessions: 2, repeats: 3 },
  { sessions: 3, repeats: 1 },
  { sessions: 3, repeats: 2 },
  { sessions: 3, repeats: 3 },
  { sessions: 5, repeats: 3 },
  { sessions: 10, repeats: 3 },
  { sessions: 3, repeats: 10 },
];

export function designText({ sessions, repeats }: Design): string {
  return `${sessions} x ${repeats}`;
}

/** Standard normal numbers (Box and Muller 1958) of one seed. */
export function normals(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The factors by which the repeats of one session are slower than the truth. */
export function sessionOf(noise: Noise, repeats: number, normal: () => number, random: () => number): number[] {
  const { correlation = 0, stalls = 0 } = noise;
  const level = noise.session * normal();
  let drift = normal();
  return Array.from({ length: repeats }, () => {
    drift = correlation * drift + Math.sqrt(1 - correlation ** 2) * normal();
    return Math.exp(level + noise.repeat * drift) * (random() < stalls ? 1.3 : 1);
  });
}
