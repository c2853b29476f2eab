import { expect, test } from 'vitest';
import { answer, aPlan, aSession, mark, probe, recordOf } from './test/journal-of.ts';

const trial = [aPlan(), aSession(), mark('trigger', 100), mark('result', 110), answer(1000)];

test('the kernel of a trial is the median of its workers, the floor as measured', () => {
  const { probe: found } = recordOf([...trial, probe({ w0: 0.01, w1: 0.012, w2: 0.05 }, 0.2)]);
  expect(found).toEqual({ kernelCpuSeconds: 0.012, floorSeconds: 0.2 });
});

test('without Dask the floor is missing, and without workers the kernel, too', () => {
  expect(recordOf([...trial, probe({ serial: 0.01 }, null)]).probe).toEqual({
    kernelCpuSeconds: 0.01,
    floorSeconds: { missing: 'serial: no Dask' },
  });
  expect(recordOf([...trial, probe({}, 0.2)]).probe?.kernelCpuSeconds).toMatchObject({ missing: expect.any(String) });
});

test('a journal from before there were probes has a record without one', () => {
  expect('probe' in recordOf(trial)).toBe(false);
});
