import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freeMemoryBytes } from './free-memory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'memory-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const MEMINFO = 'MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n';
const AVAILABLE = 8_000_000 * 1024;
const V2 = '30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n';
const V1 = '36 32 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
const IN_A_POD = { '/proc/self/cgroup': '0::/pods/one\n', '/proc/self/mountinfo': V2 };

test.each<[string, Readonly<Record<string, string>>, number]>([
  ['no control groups', {}, AVAILABLE],
  ['no limit', { ...IN_A_POD, '/sys/fs/cgroup/pods/one/memory.max': 'max' }, AVAILABLE],
  [
    'a limit, of which some is used and some of that is given back',
    {
      ...IN_A_POD,
      '/sys/fs/cgroup/pods/one/memory.max': '4000',
      '/sys/fs/cgroup/pods/one/memory.current': '3000',
      '/sys/fs/cgroup/pods/one/memory.stat': 'anon 1\ninactive_file 500\n',
    },
    1500,
  ],
  [
    'the smaller limit of a group above, which others use as well',
    {
      ...IN_A_POD,
      '/sys/fs/cgroup/pods/memory.max': '4000',
      '/sys/fs/cgroup/pods/memory.current': '3900',
      '/sys/fs/cgroup/pods/one/memory.max': '9000',
      '/sys/fs/cgroup/pods/one/memory.current': '10',
    },
    100,
  ],
  [
    'a limit that was lowered below what is used',
    { ...IN_A_POD, '/sys/fs/cgroup/pods/memory.max': '4000', '/sys/fs/cgroup/pods/memory.current': '5000' },
    0,
  ],
  [
    'version 1, below a group without a limit',
    {
      '/proc/self/cgroup': '5:memory:/m/n\n4:cpu,cpuacct:/a\n0::/\n',
      '/proc/self/mountinfo': V1,
      '/sys/fs/cgroup/memory/m/memory.limit_in_bytes': '9223372036854771712',
      '/sys/fs/cgroup/memory/m/n/memory.limit_in_bytes': '4000',
      '/sys/fs/cgroup/memory/m/n/memory.usage_in_bytes': '3000',
      '/sys/fs/cgroup/memory/m/n/memory.stat': 'inactive_file 1\ntotal_inactive_file 200\n',
    },
    1200,
  ],
])('%s', (_name, files, free) => {
  for (const [path, text] of Object.entries({ '/proc/meminfo': MEMINFO, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  expect(freeMemoryBytes(root)).toBe(free);
});

test('where the kernel does not say, it is not known', () => {
  expect(freeMemoryBytes(root)).toBe(undefined);
});

/** A group of 2 GB and one inside it; undefined where none can be made. */
function twoGroups(): readonly [string, string] | undefined {
  const first = existsSync('/sys/fs/cgroup/memory');
  const outer = first ? '/sys/fs/cgroup/memory/hepbench-memory' : '/sys/fs/cgroup/hepbench-memory';
  const inner = join(outer, 'inner');
  try {
    mkdirSync(outer);
    writeFileSync(join(outer, first ? 'memory.limit_in_bytes' : 'memory.max'), String(2e9));
    mkdirSync(inner);
    return [outer, inner];
  } catch {
    // Needs root, and a controller that is free.
    for (const folder of [inner, outer]) if (existsSync(folder)) rmdirSync(folder);
    return undefined;
  }
}

test('a real limit of a group above refuses workers that would not fit', (context) => {
  const groups = twoGroups() ?? context.skip('needs root and a control group with the controller memory');
  const program = [
    process.execPath,
    'cli/program.ts',
    '--suite',
    'adl',
    '--backend',
    'coffea',
    '--workers',
    '16',
    '--no-reference',
  ];
  try {
    const script = `echo $$ > ${groups[1]}/cgroup.procs; "$@" 2>&1; echo "exit code $?"`;
    const said = execFileSync('bash', ['-c', script, 'bash', ...program, '--results', join(root, 'results')], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/16 workers need .* [\d.]+ GB .*exit code 3/s);
  } finally {
    rmdirSync(groups[1]);
    rmdirSync(groups[0]);
  }
});
