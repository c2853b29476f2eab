import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aTrial, closed, sample, textOf } from '../../core/engine/test/journal-of.ts';
import { parseJournal, readLine } from '../../core/model/journal.ts';
import { Readings } from '../exposition/readings.ts';
import { JournalPush } from '../influx/push.ts';

const WHOLE = textOf(closed(aTrial([sample('w0', 100, { rss_bytes: 1 })])));
const SAMPLE = WHOLE.split('\n').find((line) => line.includes('"sample"')) ?? '';

/** Lines that look like events and are none. Those who read journals once disagreed on all of them. */
const PLANTED: [string, string][] = [
  ['a mark that there is not', SAMPLE.replace(/"type":"sample".*/, '"type":"mark","name":"finish"}')],
  ['an event of no known type', SAMPLE.replace('"sample"', '"smaple"')],
  ['a number that counts from 0', SAMPLE.replace(/"seq":\d+/, '"seq":0')],
  ['a number that is no whole one', SAMPLE.replace(/"seq":\d+/, '"seq":1.5')],
  ['an event of no trial', SAMPLE.replace(/"trial":"[^"]*",/, '')],
  ['a value that is not finite', SAMPLE.replace('"rss_bytes":1', '"rss_bytes":1e999')],
  ['a value that is no number', SAMPLE.replace('"rss_bytes":1', '"rss_bytes":"1"')],
  ['a collector that there is not', SAMPLE.replace('"agent"', '"agnet"')],
  ['an event of a newer hepbench', SAMPLE.replace('"v":1', '"v":2')],
  ['nothing', ''],
];

test.each(PLANTED)('fold, InfluxDB and page agree on what is no event: %s', async (_, line) => {
  expect(readLine(SAMPLE)).toHaveProperty('event');
  expect(line).not.toBe(SAMPLE);
  expect(readLine(line)).toHaveProperty('kind');
  expect(parseJournal(`${line}\n${WHOLE}`)).toHaveProperty('kind');

  const readings = new Readings();
  readings.take(`${WHOLE}${line}`.split('\n'));
  expect(readings).toMatchObject({ samples: 1, skippedLines: 1 });

  const folder = mkdtempSync(join(tmpdir(), 'hepbench-reader-'));
  try {
    const path = join(folder, 'events.jsonl');
    writeFileSync(path, `${WHOLE}${line}\n`);
    const taken = async (_bucket: string, { count }: { count: number }) => ({ sent: count, tooOld: 0, setAside: [] });
    const push = new JournalPush(path, { url: 'http://x', org: 'o', bucket: 'b', rawBucket: 'r' }, taken);
    expect(await push.advance()).toBe(false);
    expect(push.position).toMatchObject({ sent: 1, unfit: 1, missing: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
