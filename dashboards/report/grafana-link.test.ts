import { expect, test } from 'vitest';
import { RECORD_VERSION, type Experiment } from '../../core/model/record.ts';
import { grafanaLink } from './grafana-link.ts';

function experiment(environment: Experiment['environment']): Experiment {
  return {
    schemaVersion: RECORD_VERSION,
    id: 'e',
    startedAt: '2026-01-01T00:01:00.000Z',
    finishedAt: '2026-01-01T00:02:00.000Z',
    command: '',
    seed: 1,
    sessions: 1,
    repeats: 1,
    plannedTrials: 0,
    environment,
    records: [],
  };
}

test('the link shows the time of the experiment, with a margin, at its site', () => {
  const link = grafanaLink(experiment({ grafanaUrl: 'https://grafana.example/', site: 'a & b' }))?.markup;
  expect(link).toContain(
    'href="https://grafana.example/d/hepbench-experiments?from=1767225600000&amp;to=1767225780000&amp;var-site=a+%26+b"',
  );
});

test.each([{}, { grafanaUrl: 'javascript:alert(1)' }, { grafanaUrl: 7 }])(
  'without an address of the web there is none',
  (environment) => {
    expect(grafanaLink(experiment(environment))).toBeNull();
  },
);
