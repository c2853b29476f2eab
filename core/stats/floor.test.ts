import { expect, test } from 'vitest';
import { floorDistances } from './floor.ts';
import { summarise } from './summarise.ts';
import { aRecord, anExperiment, type Overrides } from './test/records.ts';

/** A trial of adl that reads 300 bytes of an event where its columns have 200, at 1,000 events a second. */
const adl = (more: Overrides = {}) =>
  aRecord({ metrics: { event_rate: 1000, bytes_per_event: 300, read_amplification_ratio: 1.5 }, ...more });
const reading = (bytes: number, rate: number, point: Overrides['point'] = {}, more: Overrides = {}) =>
  aRecord({
    metrics: { event_rate: rate, bytes_per_event: 2 * bytes, read_amplification_ratio: 2 },
    point: { suite: 'iobench', parameters: { columns: String(bytes) }, tasks: 4, ...point },
    ...more,
  });

function ratioOf(floor: ReturnType<typeof reading>[], of = adl()) {
  const experiment = { ...anExperiment([of]), floor };
  return floorDistances(experiment, summarise(experiment)).map(({ ratio }) =>
    'median' in ratio ? ratio.median : { missing: ratio.missing },
  );
}

test('the rate is compared with that of reading as many bytes, however the work is cut', () => {
  expect(ratioOf([reading(50, 9000), reading(201, 4000), reading(400, 3000)])).toEqual([0.25]);
});

test('files that are listed more often are the same data; where reading alone has as many listings, that counts', () => {
  expect(ratioOf([reading(200, 4000, { clone: 6 })])).toEqual([0.25]);
  expect(ratioOf([reading(200, 4000, { clone: 6 }), reading(200, 2000)])).toEqual([0.5]);
});

test('between fewer and more bytes the time for an event grows evenly', () => {
  // 1/5000 s at 100 bytes and 1/2500 s at 400: a third of the way, 4/15000.
  expect(ratioOf([reading(100, 5000), reading(400, 2500), reading(10, 1e6)])).toEqual([expect.closeTo(4 / 15, 9)]);
});

test.each([
  [
    'nothing was measured',
    [],
    /^reading alone was not measured here: run bench --suite iobench .* bench report FOLDER --floor/,
  ],
  ['only fewer bytes', [reading(50, 9000)], /^reading alone was not measured with as many bytes/],
  ['only more bytes', [reading(500, 9000)], /^reading alone was not measured with as many bytes/],
  ['another backend', [reading(200, 9000, { backend: 'rdataframe' })], /not with these data/],
  ['other workers', [reading(200, 9000, { workers: 2 })], /not with these data/],
  ['other data', [reading(200, 9000, { files: 5 })], /not with these data/],
  [
    'another page cache',
    [reading(200, 9000, {}, { warmth: { ...adl().warmth, pageCache: 'cold' } })],
    /not with these data/,
  ],
  ['a wrong answer', [reading(200, 9000, {}, { state: 'invalid' })], /not measured with as many bytes/],
])('with %s it stays missing, and says how to get it', (_what, floor, said) => {
  expect(ratioOf([...floor])).toEqual([{ missing: expect.stringMatching(said) }]);
});

test('a point whose bytes were not seen says so', () => {
  expect(ratioOf([reading(200, 9000)], aRecord({ metrics: { event_rate: 1 } }))).toEqual([{ missing: 'not measured' }]);
});

test('both suites in one experiment are compared; reading alone and suites without data are not', () => {
  const control = aRecord({ point: { suite: 'control', files: 0 } });
  const experiment = anExperiment([adl(), reading(200, 2000), control]);
  expect(floorDistances(experiment, summarise(experiment)).map(({ ratio }) => ratio)).toMatchObject([{ median: 0.5 }]);
});

test('its interval holds the ratios of all ends, and n is that of the point', () => {
  const sessions = [1, 2, 3, 4];
  const points = sessions.map((session) => adl({ session, metrics: { ...adl().metrics, event_rate: 1000 + session } }));
  const floor = sessions.map((session) => reading(200, 2000 + 10 * session, {}, { session }));
  const experiment = { ...anExperiment(points), floor };
  const [found] = floorDistances(experiment, summarise(experiment));
  const [own, least] = [found?.rate, found?.floorRate].map((rate) => rate && 'interval' in rate && rate.interval);
  if (!own || !least) throw new Error('no interval');
  expect(found?.ratio).toMatchObject({
    interval: { lo: own.lo / least.hi, hi: own.hi / least.lo },
    min: 1001 / 2040,
    max: 1004 / 2010,
    trials: 4,
    sessions: 4,
  });
});

test('between two points that were measured, n is that of the smaller and the ends move as the middle does', () => {
  const experiment = {
    ...anExperiment([adl()]),
    floor: [reading(100, 5000), reading(400, 2400, {}, { session: 1 }), reading(400, 2600, {}, { session: 2 })],
  };
  const [found] = floorDistances(experiment, summarise(experiment));
  const at = (rate: number) => 1 / (1 / 5000 + (1 / 3) * (1 / rate - 1 / 5000));
  expect(found?.floorRate).toMatchObject({ trials: 1, sessions: 1, interval: null });
  expect(found?.floorRate).toMatchObject({ min: expect.closeTo(at(2400), 6), max: expect.closeTo(at(2600), 6) });
});
