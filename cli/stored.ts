import type { InfluxConfig } from '../core/config/sinks.ts';
import { plural } from '../dashboards/format.ts';
import { sinks } from '../results/index.ts';

/** What a server holds of journals, for people; `isAll` is null where it could not be asked. */
export interface Stored {
  readonly line: string;
  readonly isAll: boolean | null;
}

/** Reads back what the server holds of `journals`, which are in `folder`, and counts it against them. */
export async function storedOf(influx: InfluxConfig, journals: readonly string[], folder: string): Promise<Stored> {
  const [{ load }] = sinks;
  const { countStored } = await load();
  const count = await countStored({ ...influx, token: influx.readToken ?? influx.token }, journals);
  if ('problem' in count) {
    const hint = 'name a token that may read with --influx-read-token-file';
    return { line: `influx: what is stored was not counted: ${count.problem}\n  ${hint}`, isAll: null };
  }
  const { points, summaries, missingPoints, missingSummaries, foreignPoints } = count;
  const foreign =
    foreignPoints === 0 ? '' : `, and ${plural(foreignPoints, 'point')} of the same series and time are in no journal`;
  if (missingPoints + missingSummaries === 0) {
    const held = `${plural(points, 'point')} and ${plural(summaries, 'trial')} of ${plural(journals.length, 'journal')}`;
    return { line: `influx: stored are all ${held}${foreign}`, isAll: foreignPoints === 0 };
  }
  const lacking = `${missingPoints} of ${plural(points, 'point')} and ${missingSummaries} of ${plural(summaries, 'trial')}`;
  const why = 'what was acknowledged is gone, or older than the bucket keeps';
  return {
    line: `influx: not stored are ${lacking}${foreign}: ${why}\n  bench push ${folder} --again sends everything once more`,
    isAll: false,
  };
}
