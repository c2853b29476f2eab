// The promise of docs/architecture.md on what it takes to add something: each addition is made in a copy of the program, and used.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushed, unpack } from '../golden/version-1/kept.ts';
import { add, type Addition, ADDITIONS, additionsTable, ARCHITECTURE, touched } from '../house/additions.ts';
import { checkout, developmentPython } from '../house/python.ts';
import { withTable } from '../house/written-table.ts';
import { bench, copyOfCheckout, journalsIn, makePlace, type Place, recordsIn } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

function added(kind: string): string {
  const addition = ADDITIONS.find((one) => one.kind === kind);
  if (!addition) throw new Error(`nothing of kind ${kind}`);
  const root = copyOfCheckout(place);
  cpSync(join(checkout, 'test'), join(root, 'test'), { recursive: true });
  add(root, addition);
  return root;
}

test('the table of docs/architecture.md is counted; if not: npm run generate', () => {
  const page = readFileSync(ARCHITECTURE, 'utf8');
  expect(page).toBe(withTable(page, 'additions', additionsTable()));
});

test.each(ADDITIONS)('$kind: no more files are touched than promised, and the types hold', async (addition) => {
  expect(touched(addition).length).toBeLessThanOrEqual(addition.most);
  const root = added(addition.kind);
  const { exitCode, stdout } = await execa('tsc', ['--noEmit', '-p', root], {
    preferLocal: true,
    reject: false,
  });
  expect([exitCode, stdout]).toEqual([0, '']);
});

test('an axis that was added has an option with help and errors, and makes points of its own', async () => {
  const root = added('axis');
  const args =
    '--suite adl --backend coffea --files 1 --file-size 2MB --workers 1 --sessions 1 --no-reference --dry-run'.split(
      ' ',
    );
  const one = await bench(place, args, root);
  const two = await bench(place, [...args, '--shade', 'light,dark'], root);
  expect([one.stdout, two.stdout]).toEqual([expect.stringMatching(/^2 trials/), expect.stringMatching(/^4 trials/)]);
  const wrong = await bench(place, [...args, '--shade', 'red'], root);
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, 'bench: --shade: "red" is not valid\n  give light or dark']);
  expect((await bench(place, ['run', '--help'], root)).stdout).toMatch(/--shade <names> +planted/);
});

test('an axis of a session that was added makes blocks and curves of its own, named in plan, table, report and tags', async () => {
  const root = added('axis of a session');
  const args = '--suite control --param kind=empty --workers 1,2 --sessions 1 --repeats 1'.split(' ');
  const plan = await bench(place, [...args, '--room', 'cool,hot', '--dry-run'], root);
  expect(
    plan.stdout
      .match(/^ {2}b\d+ .*/gm)
      ?.map((line) => line.replace(/^.*session 1 {2}/, ''))
      .toSorted(),
  ).toEqual([
    'dask 1 worker, 2 trials',
    'dask 1 worker, hot room, 2 trials',
    'dask 2 workers, 2 trials',
    'dask 2 workers, hot room, 2 trials',
  ]);
  const { exitCode, stdout, stderr, experiment } = await bench(place, [...args, '--room', 'cool,hot'], root);
  expect([exitCode, stdout, stderr]).toEqual([
    0,
    expect.stringMatching(/^(?=[^]*dask \(cool room\): )(?=[^]*dask \(hot room\): )(?=[^]* hot room )/),
    expect.stringContaining('dask 2 workers, hot room  session 1  repeat 1'),
  ]);
  const report = readFileSync(join(experiment, 'report.html'), 'utf8');
  expect(report).toMatch(/2 workers, hot room/);
  const rooms = (await pushed(experiment, root)).flatMap((line) =>
    line.startsWith('hepbench_trial,') ? line.includes(',room=hot,') : [],
  );
  expect([rooms.length, rooms.filter(Boolean).length]).toEqual([8, 4]);
  await execa(process.execPath, [join(root, 'dashboards/grafana/export.ts')]);
  const board = readFileSync(join(root, 'deploy/grafana/dashboards/hepbench-experiments.json'), 'utf8');
  expect(board).toMatch(/"name": ?"room"[^]*\$\{room:regex\}[^]*\$tag_room/);
});

test('a runner that was added is chosen by name, with options that only it has, and is where its trials say that they ran', async () => {
  const root = added('runner');
  const empty = '--suite control --param kind=empty --workers 1 --sessions 1 --repeats 1 --no-reference'.split(' ');
  const run = await bench(place, [...empty, '--runner', 'nearby', '--nearby-room', '7'], root);
  expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('note: in room 7')]);
  expect(recordsIn(run.experiment)).toMatchObject([
    { state: 'valid', point: { runner: 'nearby' } },
    { state: 'valid', point: { runner: 'nearby' } },
  ]);
  expect(JSON.parse(readFileSync(join(run.experiment, 'experiment.json'), 'utf8'))).toMatchObject({
    environment: { nearbyRoom: 7 },
  });
  const refused = async (...args: readonly string[]) => {
    const { exitCode, stderr } = await bench(place, [...empty, ...args], root);
    return [exitCode, stderr.split('\n')[0]];
  };
  expect(await refused('--nearby-room', '7')).toEqual([
    2,
    'bench: --nearby-room is not taken here: runner local has no use for it',
  ]);
  expect(await refused('--runner', 'nearby', '--no-tls')).toEqual([
    2,
    'bench: --no-tls is not taken here: runner nearby has no use for it',
  ]);
  expect(await refused('--runner', 'nearby', '--nearby-room', 'x')).toEqual([
    2,
    'bench: --nearby-room: "x" is not valid',
  ]);
  expect(await refused('--runner', 'neraby')).toEqual([2, 'bench: there is no runner "neraby"']);
});

test('a metric that was added is in the records that a report makes', async () => {
  const { folder, remove } = await unpack('control');
  const report = await bench(place, ['report', folder], added('metric'));
  const record = readFileSync(join(folder, 'blocks/b001/b001-t01/record.json'), 'utf8');
  remove();
  expect([report.exitCode, record]).toEqual([0, expect.stringMatching(/"planted_seconds":\d/)]);
});

test('a collector that was added keeps the contract, is listed, and what it saw is in journal, record and report', async () => {
  const root = added('collector');
  cpSync(join(checkout, 'vitest.config.ts'), join(root, 'vitest.config.ts'));
  const contract = ['run', '--root', root, '--project', 'unit', 'test/contract/collector.test.ts', '-t', 'planted'];
  const { exitCode, stdout } = await execa('vitest', contract, { preferLocal: true, reject: false });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/[1-9]\d* passed/)]);
  expect((await bench(place, ['list', 'collectors'], root)).stdout).toMatch(/ planted +a collector that is planted/);
  const args = '--suite control --param kind=empty --workers 1 --sessions 1 --repeats 1 --no-reference'.split(' ');
  const run = await bench(place, args, root);
  expect({ exitCode: run.exitCode, stderr: run.stderr }).toMatchObject({ exitCode: 0 });
  const records = journalsIn(run.experiment).map((journal) =>
    JSON.parse(readFileSync(journal.replace('events.jsonl', 'record.json'), 'utf8')),
  );
  expect(records.length).toBeGreaterThan(0);
  for (const { state, curves } of records)
    expect([state, curves]).toEqual([
      'valid',
      expect.arrayContaining([
        expect.objectContaining({ collector: 'planted', samples: 3, values: { planted_depth: [1.5, 1.75] } }),
      ]),
    ]);
  expect(readFileSync(join(run.experiment, 'report.html'), 'utf8')).toContain('<h3>Depth of the planted</h3>');
});

test('a chart that was added is in the report, with its table and what the browser draws it from', async () => {
  const { folder, remove } = await unpack('control');
  const report = await bench(place, ['report', folder], added('chart'));
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  remove();
  expect(report.exitCode).toBe(0);
  expect(page).toMatch(/<h3>Planted chart<\/h3>\s*<div class="canvas">\s*<canvas\s+data-chart="planted"/);
  expect(page).toMatch(/"planted":\{"xTitle":"workers","yTitle":"CPU \(seconds, T\)"/);
});

test('a suite that was added keeps the contract in both languages, is listed, and runs on Dask with its answer checked', async () => {
  const root = added('suite');
  cpSync(join(checkout, 'vitest.config.ts'), join(root, 'vitest.config.ts'));
  const contract = ['run', '--root', root, '--project', 'unit', 'test/contract/suite.test.ts', '-t', 'planted'];
  const { exitCode, stdout } = await execa('vitest', contract, { preferLocal: true, reject: false });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/[1-9]\d* passed/)]);
  const python = await execa(
    await developmentPython(),
    ['-m', 'pytest', '-q', 'tests/test_contract.py', '-k', 'planted'],
    {
      cwd: join(root, 'analyses'),
      reject: false,
    },
  );
  expect([python.exitCode, python.stdout]).toEqual([0, expect.stringMatching(/[1-9]\d* passed/)]);
  expect((await bench(place, ['list', 'suites'], root)).stdout).toMatch(/ planted +a suite that is planted/);
  const args = '--suite planted --files 1 --events 4000 --tasks 2 --workers 1 --sessions 1 --repeats 1 --no-reference';
  const run = await bench(place, args.split(' '), root);
  expect({ exitCode: run.exitCode, stderr: run.stderr }).toMatchObject({ exitCode: 0 });
  const states = journalsIn(run.experiment).map(
    (journal) => JSON.parse(readFileSync(journal.replace('events.jsonl', 'record.json'), 'utf8')).state,
  );
  expect(states.length).toBeGreaterThan(1);
  expect(new Set(states)).toEqual(new Set(['valid']));
  const wrong = [
    'analyses/src/hepbench/reference/planted.py',
    'columns["MET_pt"])',
    'columns["MET_pt"] + 10)',
  ] as const;
  const path = join(root, wrong[0]);
  writeFileSync(path, readFileSync(path, 'utf8').replace(wrong[1], wrong[2]));
  await bench(place, ['datasets', 'clean'], root);
  const other = await bench(place, args.split(' '), root);
  expect([other.exitCode, other.stderr]).toEqual([5, expect.stringMatching(/met, .*: entries \d+, expected \d+/)]);
}, 600_000);

test('an addition that does not fit the program any more is seen', () => {
  const [axis] = ADDITIONS;
  const rotten: Addition = {
    ...axis,
    kind: 'rotten',
    most: 1,
    page: '',
    edits: [{ file: 'core/model/axes.ts', before: 'nowhere', added: '' }],
  };
  expect(() => add(copyOfCheckout(place), rotten)).toThrow('core/model/axes.ts does not hold "nowhere" exactly once');
});
