import type { InfluxConfig } from '../core/config/sinks.ts';
import { plural } from '../dashboards/format.ts';
import type { NotCounted } from '../results/influx/sink.ts';
import { sinks } from '../results/index.ts';

/** What a server holds of journals, for people; `isAll` is null where it could not be asked. */
export interface Stored {
  readonly line: string;
  readonly isAll: boolean | null;
}

/**
 * Reads back what the server holds of `journals`, which are in `folder`, and counts it against them. Those of the folder that are
 * `unwhole` cannot be read whole: what they held is not known.
 */
export async function storedOf(
  influx: InfluxConfig,
  journals: readonly string[],
  folder: string,
  unwhole: ReadonlySet<string> = new Set(),
): Promise<Stored> {
  if (journals.length === 0)
    return { line: `influx: nothing was counted: ${folder} holds no journal that can be read`, isAll: false };
  const damaged = unwhole.size;
  const { load } = sinks.influx;
  const { countStored } = await load();
  const count = await countStored({ ...influx, token: influx.readToken ?? influx.token }, journals, unwhole);
  if ('problem' in count) return { line: await notCounted(influx, count, folder), isAll: null };
  const { points, summaries, missingPoints, missingSummaries, foreignPoints } = count;
  const foreign =
    foreignPoints === 0 ? '' : `, and ${plural(foreignPoints, 'point')} of the same series and time are in no journal`;
  const broken = damaged === 0 ? '' : `; ${plural(damaged, 'journal')} of this folder cannot be read whole`;
  if (points + summaries === 0)
    return {
      line: `influx: nothing was counted: the journals of ${folder} hold no sample and no trial${broken}`,
      isAll: false,
    };
  if (missingPoints + missingSummaries === 0) {
    const held = `${plural(points, 'point')} and ${plural(summaries, 'trial')} of ${plural(journals.length, 'journal')}`;
    const which = damaged === 0 ? `all ${held}` : `the ${held} that can be read`;
    return { line: `influx: stored are ${which}${foreign}${broken}`, isAll: foreignPoints === 0 };
  }
  const lacking = `${missingPoints} of ${plural(points, 'point')} and ${missingSummaries} of ${plural(summaries, 'trial')}`;
  const why = 'what was acknowledged is gone, or older than the bucket keeps';
  return {
    line: `influx: not stored are ${lacking}${foreign}${broken}: ${why}\n  bench push ${folder} --again sends everything once more`,
    isAll: false,
  };
}

/** Why nothing was counted, with what to do. */
async function notCounted(influx: InfluxConfig, { problem, refusal }: NotCounted, folder: string): Promise<string> {
  const said = `influx: what is stored was not counted: ${problem}`;
  if (refusal === undefined) return `${said}\n  when it answers, bench push ${folder} --verify counts`;
  const { load } = sinks.influx;
  const { probe } = await load();
  const { bucket, isKnown } = refusal;
  // A bucket that one may not read is answered like one that is not there: whoever may write there tells the two apart.
  const written = isKnown ? await probe({ ...influx, bucket, rawBucket: bucket }) : null;
  if (written?.startsWith(`bucket ${bucket}: 404`) === true)
    return `${said}: there is no such bucket\n  make it with \`bench influx setup\`, then bench push ${folder} --again sends everything once more`;
  const token =
    influx.readToken === undefined
      ? 'the token that writes, as no other was given'
      : 'that of --influx-read-token-file';
  const why = isKnown ? `may not read this bucket` : 'is not known there';
  const hint = 'name a token that may read with --influx-read-token-file; `bench influx setup` makes one';
  return `${said}: the token ${why} (tried: ${token})\n  ${hint}`;
}
