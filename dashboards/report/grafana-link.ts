import type { Experiment } from '../../core/model/record.ts';
import { html, type Markup } from './html.ts';

/** Shown before and after the experiment, in milliseconds. */
const MARGIN_MS = 60_000;

/** A link to the dashboard of this experiment's trials; nothing where no Grafana was named. */
export function grafanaLink({ environment, startedAt, finishedAt, records }: Experiment): Markup | null {
  const { grafanaUrl, site } = environment;
  if (typeof grafanaUrl !== 'string' || !/^https?:\/\//.test(grafanaUrl)) return null;
  const query = new URLSearchParams({
    from: String(Date.parse(startedAt) - MARGIN_MS),
    to: finishedAt === null ? 'now' : String(Date.parse(finishedAt) + MARGIN_MS),
  });
  if (typeof site === 'string') query.set('var-site', site);
  for (const suite of new Set(records.map(({ point }) => point.suite))) query.append('var-suite', suite);
  const address = `${grafanaUrl.replace(/\/+$/, '')}/d/hepbench-experiments?${query}`;
  return html`<a href="${address}" rel="noreferrer">These trials in Grafana</a>`;
}
