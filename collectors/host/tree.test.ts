import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cpuOfTree } from './tree.ts';

/** A /proc in which process `pid` has a parent, and ticks of its own and of children that it waited for. */
function procOf(processes: readonly (readonly [pid: number, parent: number, own: number, waited: number])[]): string {
  const proc = mkdtempSync(join(tmpdir(), 'hepbench-proc-'));
  for (const [pid, parent, own, waited] of processes) {
    mkdirSync(join(proc, String(pid)));
    const fields = ['S', parent, 1, 1, 0, -1, 0, 0, 0, 0, 0, own, 1, waited, 2, 20, 0];
    writeFileSync(join(proc, String(pid), 'stat'), `${pid} (a (name) 1) ${fields.join(' ')}\n`);
  }
  return proc;
}

test('a tree is the process, its children and theirs, with what ended ones used; others are not of it', () => {
  const proc = procOf([
    [1, 0, 9000, 0],
    [10, 1, 100, 50],
    [11, 10, 200, 0],
    [12, 11, 300, 0],
    [20, 1, 4000, 0],
  ]);
  try {
    // Each has 1 tick of system time, and 2 of its children.
    expect(cpuOfTree(proc, 10)).toBeCloseTo((100 + 50 + 3 + 200 + 3 + 300 + 3) / 100, 9);
    expect(cpuOfTree(proc, 12)).toBeCloseTo(3.03, 9);
    expect(cpuOfTree(proc, 99)).toBeUndefined();
    expect(cpuOfTree(join(proc, 'nowhere'), 10)).toBeUndefined();
  } finally {
    rmSync(proc, { recursive: true });
  }
});

test('what a child of a child burns is of the tree, while it runs and when it has ended', async () => {
  const before = cpuOfTree('/proc', process.pid) ?? Number.NaN;
  const burn = 'const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);';
  const child = spawn('sh', ['-c', `"${process.execPath}" -e '${burn}'; true`]);
  await once(child, 'exit');
  const burnt = (cpuOfTree('/proc', process.pid) ?? Number.NaN) - before;
  expect(burnt).toBeGreaterThan(0.28);
});
