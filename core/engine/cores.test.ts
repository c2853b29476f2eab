import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { coresOf } from './cores.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cores-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const STATUS = 'Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-3,8\n';
const V2 = '30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n';
const V1 = '36 32 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n';

test.each<[string, Readonly<Record<string, string>>, number | null]>([
  ['no control groups', {}, null],
  [
    'version 2 without a quota',
    { '/proc/self/cgroup': '0::/a\n', '/proc/self/mountinfo': V2, '/sys/fs/cgroup/a/cpu.max': 'max 100000\n' },
    null,
  ],
  [
    'version 2',
    { '/proc/self/cgroup': '0::/a\n', '/proc/self/mountinfo': V2, '/sys/fs/cgroup/a/cpu.max': '50000 100000\n' },
    0.5,
  ],
  [
    'the smaller quota of a group above, as that of a pod',
    {
      '/proc/self/cgroup': '0::/pods/one\n',
      '/proc/self/mountinfo': V2,
      '/sys/fs/cgroup/pods/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/pods/one/cpu.max': '400000 100000\n',
    },
    1.5,
  ],
  [
    'a container that sees its own group as the top',
    {
      '/proc/self/cgroup': '0::/kubepods/x\n',
      '/proc/self/mountinfo': V2.replace(' / /sys', ' /kubepods/x /sys'),
      '/sys/fs/cgroup/cpu.max': '200000 100000\n',
    },
    2,
  ],
  [
    'version 1',
    {
      '/proc/self/cgroup': '5:memory:/m\n4:cpu,cpuacct:/a/b\n0::/\n',
      '/proc/self/mountinfo': V1,
      '/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us': '100000\n',
    },
    3,
  ],
])('%s', (_name, files, quota) => {
  write({ '/proc/self/status': STATUS, ...files });
  expect(coresOf(root)).toEqual({ cores: 5, quota });
});

test('where the kernel does not list the cores, Node counts them', () => {
  write({ '/proc/self/status': 'Name:\tnode\n' });
  expect(coresOf(root)).toEqual({ cores: availableParallelism(), quota: null });
});

test('this process: no more cores than the machine has, and those that it was confined to', () => {
  expect(coresOf().cores).toBeGreaterThanOrEqual(availableParallelism());
  const program = `import { coresOf } from '${import.meta.dirname}/cores.ts'; console.log(coresOf().cores)`;
  const one = execFileSync('taskset', ['-c', '0', process.execPath, '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(Number(one)).toBe(1);
});

/** A control group of half a core, by the version that this machine has; undefined where none can be made. */
function halfACore(): string | undefined {
  const folder = existsSync('/sys/fs/cgroup/cpu')
    ? '/sys/fs/cgroup/cpu/hepbench-cores'
    : '/sys/fs/cgroup/hepbench-cores';
  const files = folder.includes('/cpu/')
    ? { 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '50000' }
    : { 'cpu.max': '50000 100000' };
  try {
    mkdirSync(folder);
    for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), value);
    return folder;
  } catch {
    // Needs root, and a controller that is free.
    if (existsSync(folder)) rmdirSync(folder);
    return undefined;
  }
}

test('a real quota of half a core flags two workers, and is in the record', (context) => {
  const group = halfACore() ?? context.skip('needs root and a control group with the controller cpu');
  try {
    const inGroup = (program: string, ...args: readonly string[]) =>
      execFileSync(
        'bash',
        ['-c', `echo $$ > ${group}/cgroup.procs; exec "$@"`, 'bash', process.execPath, program, ...args],
        { encoding: 'utf8' },
      );
    const plan = inGroup('cli/program.ts', '--dry-run', '--suite', 'control', '--workers', '2');
    expect(plan).toContain('2 workers on 0.5 cores: oversubscribed, flagged everywhere');
    const facts = `import { coresOf } from '${import.meta.dirname}/cores.ts'; console.log(JSON.stringify(coresOf()))`;
    writeFileSync(join(root, 'facts.ts'), facts);
    expect(JSON.parse(inGroup(join(root, 'facts.ts')))).toEqual({ cores: coresOf().cores, quota: 0.5 });
  } finally {
    rmdirSync(group);
  }
});
