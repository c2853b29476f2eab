import { isKnown } from '../../core/model/quantity.ts';
import { isEstimate } from '../../core/stats/estimate.ts';
import type { Headline } from '../../core/stats/headline.ts';
import { MEMORY_MARGIN, MEMORY_STEP_BYTES, PAUSE_FRACTION } from '../../core/stats/memory.ts';
import { GOOD_EFFICIENCY } from '../../core/stats/reach.ts';
import { REFERENCE_NAMES } from '../../core/stats/statement.ts';
import { assumedSpread } from '../../core/stats/verdict.ts';
import { isEligible, isSound, parametersText } from '../../core/stats/eligible.ts';
import { formatMib, formatPercent, formatSi, plural } from '../format.ts';
import { intervalText, nText, spreadText } from '../view/curves.ts';
import { families, isLarge } from '../view/families.ts';
import { dataText, wayText } from '../view/labels.ts';
import { answerLines, modelTexts, statementText } from '../view/statement.ts';
import { html, type Markup, table } from './html.ts';
import type { ReportView } from './report-view.ts';

function evidenceTexts({ evidence, serial, reference }: Headline): string[] {
  if (!evidence || !isEstimate(evidence.estimate)) return [];
  const { workers, of, estimate } = evidence;
  const unit = of === 'efficiency' ? 'percent' : 'ratio';
  const what =
    of === 'efficiency'
      ? `${formatPercent(estimate.median)} efficient against ${REFERENCE_NAMES[reference]}`
      : `${formatSi(estimate.median)} times as fast as ${REFERENCE_NAMES.serial}`;
  const beside = serial?.counts.find((count) => count.workers === workers && of === 'efficiency');
  const times = beside && isEstimate(beside.speedUp) ? beside.speedUp.median : undefined;
  return [
    `${plural(workers, 'worker')}: ${what}, ${spreadText(estimate, unit)}, ${nText(estimate)}`,
    ...(times === undefined ? [] : [`${formatSi(times)} times as fast as ${REFERENCE_NAMES.serial}`]),
    ...(estimate.interval === null
      ? [
          `ratios of ${plural(estimate.sessions, 'session')} are taken to be uncertain by ${Math.round(assumedSpread(estimate.sessions) * 100)} %`,
        ]
      : []),
  ];
}

/** What the answer rests on: n, interval, reference, and which of the rules could not be applied. */
function basisText(found: Headline): string {
  const { floorKnown, largestTested, notCompared, oversubscribed, serial } = found;
  return [
    ...evidenceTexts(found),
    ...modelTexts(found),
    ...(serial || notCompared.some(({ reference }) => reference === 'serial')
      ? []
      : [`${REFERENCE_NAMES.serial} was not run`]),
    ...(oversubscribed && isKnown(largestTested) ? [`largest tested without oversubscription: ${largestTested}`] : []),
    ...(floorKnown ? [] : ["the floor of Dask's overhead was not measured"]),
  ].join('; ');
}

function answer(found: Headline): Markup {
  return html`<p class="answer">${capital(statementText(found))}</p>
    <p class="basis">${basisText(found)}</p>`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function cost({ coreSecondsPerMevent, workers }: Headline): Markup {
  if (!isEstimate(coreSecondsPerMevent))
    return html`<dd>— <span class="reason">${coreSecondsPerMevent.missing}</span></dd>`;
  return html`<dd>
    ${formatSi(coreSecondsPerMevent.median)} core-seconds per million
    events${isKnown(workers) ? ` at ${plural(workers, 'worker')}` : ''}
    <span class="basis">${spreadText(coreSecondsPerMevent, 'ratio')}, ${nText(coreSecondsPerMevent)}</span>
  </dd>`;
}

function memory({ memory: { bytes, residentBytes, from }, point }: Headline): Markup {
  if (!isKnown(bytes) || !isKnown(residentBytes))
    return html`<dd>— <span class="reason">${isKnown(bytes) ? '' : bytes.missing}</span></dd>`;
  const measured = from === 'process' ? 'largest resident set' : 'largest sample of the resident set';
  return html`<dd>
    ${formatMib(bytes)}
    <span class="basis"
      >for ${dataText(point)}: ${measured} ${formatMib(residentBytes)}, cold trials included, over Dask's pause at
      ${PAUSE_FRACTION * 100} %, plus ${Math.round((MEMORY_MARGIN - 1) * 100)} %, in steps of
      ${formatMib(MEMORY_STEP_BYTES)}</span
    >
  </dd>`;
}

function limit({ limit: found }: Headline): Markup {
  if ('missing' in found) return html`<dd>— <span class="reason">${found.missing}</span></dd>`;
  return html`<dd>
    ${found.title}: ${formatPercent(found.share)} of the core-seconds at ${plural(found.workers, 'worker')}
    <span class="basis">${found.interval ? `${intervalText(found.interval, 'percent')}, ` : ''}${nText(found)}</span>
  </dd>`;
}

function card(found: Headline): Markup {
  const { point } = found;
  const what = [point.suite, parametersText(point), dataText(point), point.runner, wayText(point)]
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

/** What the cards of the smaller sizes would say, of which only the largest has one. */
function otherSizes(others: readonly Headline[]): Markup {
  const rows = others.map((found) => {
    const { point, coreSecondsPerMevent: cost, memory } = found;
    return [
      [point.backend, parametersText(point)].join(' ').trim(),
      dataText(point),
      [capital(statementText(found)), basisText(found)].filter((text) => text !== '').join('. '),
      isEstimate(cost) ? formatSi(cost.median) : { text: '—', reason: cost.missing },
      isKnown(memory.bytes) ? formatMib(memory.bytes) : { text: '—', reason: memory.bytes.missing },
    ];
  });
  const columns = [
    { title: 'backend', kind: 'text' },
    { title: 'data', kind: 'number' },
    { title: 'answer', kind: 'prose' },
    { title: 'core-seconds per Mevent', kind: 'number' },
    { title: 'ask per worker for', kind: 'number' },
  ] as const;
  return table('The other sizes of data', columns, rows);
}

/** The answers, a line each, for the top of the page. */
export function headlineText({ headlines, summaries }: ReportView): Markup {
  const suites = [...new Set(summaries.map(({ point }) => point.suite))].join(', ') || 'hepbench';
  return html`<small>${suites}</small>${answerLines(headlines, summaries).map((line) => html`<span>${line}</span>`)}`;
}

/** The answer for each backend; "good" is an efficiency of at least 80 % against one worker. */
export function headlineCards({ headlines, intervals }: ReportView): Markup {
  if (headlines.length === 0) return html`<p class="note">No headline: no trial on a cluster.</p>`;
  const all = families(headlines);
  const others = all.flatMap((family) => (isLarge(family) ? family.slice(0, -1) : []));
  return html`<div class="cards">${headlines.filter((one) => !others.includes(one)).map(card)}</div>
    ${others.length > 0 ? otherSizes(others) : ''}
    <p class="note">
      It scales as far as every tested count is at least ${formatPercent(GOOD_EFFICIENCY)} efficient, T of the same
      session; "perhaps" where the noise leaves it open.${intervals ? ' Intervals are 95 %, over the sessions.' : ''}
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
  const unreadable = (experiment.unreadable ?? []).map(
    ({ trial, why }) => html` <strong>${trial} is missing: ${why}</strong>`,
  );
  const warning = records.length < plannedTrials ? html` <strong>This experiment is not complete.</strong>` : html``;
  return html`<p class="counts">
    ${parts.join(' · ')}.${warning}${unreadable} <a href="#trials">Reasons are in the table of all trials.</a>
  </p>`;
}
