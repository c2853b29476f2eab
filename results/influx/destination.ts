import { createHash } from 'node:crypto';

/** A server and where in it the numbers go. */
export interface Destination {
  readonly url: string;
  readonly org: string;
  /** For the summaries of trials. */
  readonly bucket: string;
  /** For samples. */
  readonly rawBucket: string;
}

/** Where a sink keeps beside a journal how far it has come, one pair of files for each destination. */
export function filesBeside(journal: string, { url, org, bucket, rawBucket }: Destination) {
  const key = createHash('sha256')
    .update(JSON.stringify([url, org, bucket, rawBucket]))
    .digest('hex')
    .slice(0, 8);
  const base = journal.replace(/\.jsonl$/, '');
  return { position: `${base}.influx-${key}.json`, setAside: `${base}.influx-${key}.set-aside.jsonl` };
}
