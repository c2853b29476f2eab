import { isKnown } from '../../core/model/quantity.ts';
import { isEstimate } from '../../core/stats/estimate.ts';
import { GOOD_EFFICIENCY, type Headline } from '../../core/stats/headline.ts';
import { isEligible, isSound, parametersText } from '../../core/stats/eligible.ts';
import { formatMib, formatPercent, formatSi, plural } from '../format.ts';
import { intervalText, nText } from '../view/curves.ts';
import { dataText } from '../view/labels.ts';
import { html, type Markup } from './html.ts';
import type { ReportView } from './report-view.ts';

function answer({ workers, largestTested, efficiency }: Headline): Markup {
  if (!isKnown(workers)) return html`<p class="answer"><strong>—</strong> ${workers.missing}</p>`;
  const tested = isKnown(largestTested) ? `; largest tested without oversubscription: ${largestTested}` : '';
  const words = isEstimate(efficiency)
    ? `${formatPercent(efficiency.median)} efficient, ${intervalText(efficiency, 'percent')}, ${nText(efficiency)}`
    : '';
  return html`<p class="answer">Good up to <strong>${plural(workers, 'worker')}</strong></p>
    <p class="basis">${words}${tested}</p>`;
}

function cost({ coreSecondsPerMevent }: Headline): Markup {
  if (!isKnown(coreSecondsPerMevent))
    return html`<dd>— <span class="reason">${coreSecondsPerMevent.missing}</span></dd>`;
  return html`<dd>${formatSi(coreSecondsPerMevent)} core-seconds per million events</dd>`;
}

function memory({ memory: { bytes, from } }: Headline): Markup {
  if (!isKnown(bytes)) return html`<dd>— <span class="reason">${bytes.missing}</span></dd>`;
  return html`<dd>${formatMib(bytes)} <span class="basis">largest ${from} peak × 1.2, in steps of 64 MiB</span></dd>`;
}

function limit({ limit: found }: Headline): Markup {
  if ('missing' in found) return html`<dd>— <span class="reason">${found.missing}</span></dd>`;
  return html`<dd>
    ${found.title}: ${formatPercent(found.share)} of the core-seconds at ${plural(found.workers, 'worker')}
  </dd>`;
}

function card(found: Headline): Markup {
  const { point } = found;
  const what = [point.suite, parametersText(point), dataText(point), point.runner]
    .filter((part) => part !== '')
    .join(', ');
  return html`<section class="card ${point.backend}">
    <h2>${point.backend}</h2>
    <p class="basis">${what}</p>
    ${answer(found)}
    <dl>
      <dt>Costs</dt>
      ${cost(found)}
      <dt>Ask per worker for</dt>
      ${memory(found)}
      <dt>Limited by</dt>
      ${limit(found)}
    </dl>
  </section>`;
}

/** The answer in one line, for the top of the page. */
export function headlineText({ headlines, experiment }: ReportView): string {
  const suites = [...new Set(experiment.records.map(({ point }) => point.suite))].join(', ') || 'hepbench';
  if (headlines.length === 0) return `${suites}: no trial on a cluster`;
  // Nothing is said to be good of which nothing is known.
  if (!headlines.some(({ workers }) => isKnown(workers))) return `${suites}: how it scales is not known`;
  const texts = headlines.map(({ point, workers }) => {
    const several = headlines.filter((other) => other.point.backend === point.backend).length > 1;
    const who = several ? `${point.backend} (${point.suite} ${parametersText(point)})` : point.backend;
    return isKnown(workers) ? `${who} to ${plural(workers, 'worker')}` : `${who} —`;
  });
  return `${suites} scales well: ${texts.join(', ')}`;
}

/** The answer for each backend; "good" is an efficiency of at least 80 % against one worker. */
export function headlineCards({ headlines }: ReportView): Markup {
  if (headlines.length === 0) return html`<p class="note">No headline: no trial on a cluster.</p>`;
  return html`<div class="cards">${headlines.map(card)}</div>
    <p class="note">
      Good: at least ${formatPercent(GOOD_EFFICIENCY)} efficiency against one worker, T of the same session. Intervals
      are 95 %, by resampling sessions, then repeats.
    </p>`;
}

/** How many trials count, and what became of the others. */
export function countsLine({ experiment }: ReportView): Markup {
  const { records, plannedTrials } = experiment;
  const count = (test: (record: (typeof records)[number]) => boolean): number => records.filter(test).length;
  const parts = [
    `${plural(plannedTrials, 'trial')} planned, ${records.length} recorded`,
    `${count(isEligible)} warm and counted`,
    `${count((record) => isSound(record) && record.repeat === 0)} first of their point or after an edited cut, apart`,
    ...(['invalid', 'incomplete', 'failed'] as const).map(
      (state) => `${count((record) => record.state === state)} ${state}`,
    ),
    `${count((record) => record.state === 'valid' && record.taints.length > 0)} tainted`,
  ];
  const warning = records.length < plannedTrials ? html` <strong>This experiment is not complete.</strong>` : html``;
  return html`<p class="counts">
    ${parts.join(' · ')}.${warning} <a href="#trials">Reasons are in the table of all trials.</a>
  </p>`;
}
