import { expect, test } from 'vitest';
import { sentenceComplaints, sentencesIn } from './hint-sentences.ts';

test('every sentence that tells what to do is followed by a test that is there, or says why not', () => {
  expect(sentenceComplaints()).toEqual([]);
});

test('sentences are found wherever they stand in a text, in both languages', () => {
  const planted = [
    "throw failed('no-cable', `no cable in ${place}`, 'plug one in, or use --wireless');",
    'say(`${n} cables are too few; give more cables`);',
    'raise DataError("NO_CABLE", message, f"run `bench cables {name}` first")',
    '// use another cable',
    "{ flag: '--cable <name>', summary: 'use this cable' },",
    "const what = 'a cable of use to nobody';",
  ].join('\n');
  expect(sentencesIn(planted)).toEqual(['use --wireless', 'give more cables', 'run `bench cables {name}` first']);
});

test('a sentence without an entry, an entry without a sentence, and a test that is not there are named', () => {
  const sources = new Map([['a.ts', "const hint = 'use another cable';"]]);
  expect(sentenceComplaints(sources, {})).toEqual([
    expect.stringMatching(/^a\.ts: no test follows "use another cable"; add one/),
  ]);
  expect(sentenceComplaints(new Map(), { 'use another': 'not a hint' })).toEqual(['"use another": nothing says this']);
  const followed = { 'use another': [{ file: 'a.test.ts', test: 'it works' }] };
  expect(sentenceComplaints(sources, followed, () => "test('it does not work')")).toEqual([
    '"use another": a.test.ts has no test "it works"',
  ]);
});
