import type { Scaling } from '../../core/stats/speedups.ts';
import { formatPercent, formatSi, plural } from '../format.ts';
import { spreadText } from '../view/curves.ts';
import type { BudgetView, HistogramView } from '../view/types.ts';
import { curveLabels } from '../view/labels.ts';
import { html, type Markup, raw } from './html.ts';
import { curveFigure, figure } from './figures.ts';
import { CORE_SPEED_BOUNDS } from '../view/core-speed.ts';
import { barTable, coreSpeedTable, environmentTable, histogramTable, trialsTable } from './tables.ts';
import type { ReportView } from './report-view.ts';

function amdahlText(scalings: readonly Scaling[]): string {
  const labels = curveLabels(scalings);
  const texts = scalings.map(({ amdahl }, i) => {
    const label = labels[i] ?? '';
    if ('missing' in amdahl) return `${label}: — missing: ${amdahl.missing}`;
    const limit = Number.isFinite(amdahl.limit)
      ? `, so at most ${formatSi(amdahl.limit)} times faster`
      : ', at or above the ideal';
    const { serialFraction, workerCounts } = amdahl;
    const basis = `${spreadText(serialFraction, 'percent')}, ${plural(workerCounts, 'worker count')} in ${plural(serialFraction.sessions, 'session')}`;
    return `${label}: ${formatPercent(serialFraction.median)} serial${limit} (${basis})`;
  });
  return texts.length > 0 ? ` Amdahl fit: ${texts.join('; ')}.` : '';
}

/** Rate, speed-up and efficiency against workers. */
export function scalingSection({ charts, scalings, intervals }: ReportView): Markup {
  return html`<section>
    <h2 id="scaling">Scaling with workers</h2>
    <p class="note">
      Small marks are trials; large ones
      medians${intervals ? ', whiskers their 95 % intervals over the sessions' : ' (no intervals: they need 3 sessions)'}.
      Hollow: oversubscribed, in no fit.
    </p>
    <div class="grid">
      ${curveFigure('rate', 'Event rate', 'Events per second of T: computation triggered, to merged result in the client.', charts.rate)}
      ${curveFigure('speedUp', 'Speed-up against one worker', `T on one worker / T, both of one session.${amdahlText(scalings)}`, charts.speedUp)}
      ${curveFigure('efficiency', 'Efficiency against one worker', 'Speed-up / workers.', charts.efficiency)}
      ${curveFigure('speedUpSerial', 'Speed-up against serial', 'T without Dask on one thread / T, both of one session.', charts.speedUpSerial)}
    </div>
  </section> `;
}

/** Rate against data size and, apart from it, against file size. */
export function sizeSection({ charts }: ReportView): Markup {
  const data = charts.dataSize
    ? curveFigure('dataSize', 'Event rate against data size', 'More files of one size.', charts.dataSize)
    : html`<p class="note">
        Data size was not varied; several values of --files would show the event rate against it.
      </p>`;
  const files = charts.fileSize
    ? curveFigure(
        'fileSize',
        'Event rate against file size',
        'The same events in fewer, larger files.',
        charts.fileSize,
      )
    : html`<p class="note">
        File size was not varied at constant events; several values of --file-size would show the event rate against it.
      </p>`;
  return html`<section>
    <h2 id="size">Size of data and of files</h2>
    <div class="grid">${data}${files}</div>
  </section> `;
}

/** Cold against warm, and CPU per event. */
export function costSection({ charts }: ReportView): Markup {
  return html`<section>
    <h2 id="cost">Cold starts and the price of an event</h2>
    <div class="grid">
      ${figure('coldWarm', 'Cold and warm', 'The first trial of a block starts in fresh processes and compiles; the others are warm.', barTable('Cold and warm (seconds)', charts.coldWarm))}
      ${curveFigure('cpu', 'CPU per event', 'CPU-seconds of event-processing tasks per million events; flat is ideal.', charts.cpu)}
    </div>
  </section> `;
}

/** Whether the machine itself was as fast in all sessions, and what the rates are without its changes. */
export function coreSpeedSection({ coreSpeed }: ReportView): Markup {
  return html`<section>
    <h2 id="core-speed">Speed of the cores</h2>
    <p class="note">
      Shared and virtual machines change their speed by the second and by the hour. After every trial a fixed kernel is
      run. A session is flagged when ${CORE_SPEED_BOUNDS}. The corrected rates scale each session by its CPU per event
      over that of the median session; every other figure on this page is as measured.
    </p>
    ${coreSpeedTable(coreSpeed)}
  </section> `;
}

/** The inside of one trial per point. */
export function insideSection({ charts }: ReportView): Markup {
  if (charts.trials.length === 0) return html``;
  const first = charts.trials.findIndex(({ widest }) => widest);
  const options = charts.trials.map(
    ({ label }, i) => html`<option value="${i}" ${raw(i === first ? ' selected' : '')}>${label}</option>`,
  );
  const live = html`<div class="live"></div>`;
  return html`<section>
    <h2 id="inside">Inside one trial</h2>
    <p class="note">
      <label
        >Trial (for each point the one with T nearest to the median)
        <select id="trial">
          ${options}
        </select></label
      >
    </p>
    <div class="grid">
      ${figure('cores', 'CPU in use', 'Cores in use by the worker processes.', live)}
      ${figure('readRate', 'Read rate', 'Bytes read by the framework per second.', live)}
      ${figure('timeline', 'Tasks of each worker', 'Event processing, merging and other tasks.', live, 'wide')}
      ${charts.watched.map(({ name, title, words }) => figure(`watched-${name}`, title, words, live, 'small'))}
    </div>
  </section> `;
}

function remarks({ remarks: found }: BudgetView): Markup {
  if (found.length === 0) return html``;
  return html`<ul class="note">
    ${found.map((remark) => html`<li>${remark}</li>`)}
  </ul>`;
}

/** Where the core-seconds went. */
export function budgetSection({ charts, intervals }: ReportView): Markup {
  const caption = 'Loss budget: core-seconds and share of workers × T, mean over warm trials';
  return html`<section>
    <h2 id="budget">Loss budget</h2>
    <p class="note">
      Core-seconds of the workers during T by what they were spent on, mean over the warm trials (means add up). Useful
      compute is what one serial thread needs for the same events; CPU inflation is what the tasks used beyond
      that.${intervals ? ' Intervals are of the shares, over the sessions.' : ''}
    </p>
    ${remarks(charts.budget)}
    <div class="grid">
      ${figure('budget', 'In core-seconds', 'Workers × T.', barTable(caption, charts.budget))}
      ${figure('share', 'In per cent', 'Share of the core-seconds of a point.', barTable(caption, charts.budget))}
    </div>
  </section> `;
}

function histogramFigure(view: HistogramView, i: number): Markup {
  return figure(`histogram-${i}`, view.name, `${view.title}: ${view.note}.`, histogramTable(view), 'small');
}

/** What the analyses computed, backends on top of one another. */
export function physicsSection({ charts }: ReportView): Markup {
  const figures = charts.histograms.map(histogramFigure);
  const body =
    figures.length > 0
      ? html`<div class="grid three">${figures}</div>`
      : html`<p class="note">— no valid trial has histograms.</p>`;
  return html`<section>
    <h2 id="physics">Physics histograms</h2>
    ${body}
  </section> `;
}

/** Memory, environment and the table of all trials. */
export function closingSections({ charts, experiment }: ReportView): Markup {
  const words =
    'RSS counts shared pages in every process, PSS divides them among their users; RSS over T, PSS over the whole trial.';
  return html`<div class="grid pair">
      <section>
        <h2 id="memory">Memory</h2>
        ${curveFigure('memory', 'Peak memory of a worker', words, charts.memory)}
      </section>
      <section>
        <h2 id="environment">Environment</h2>
        ${environmentTable(experiment)}
      </section>
    </div>
    <section>
      <h2 id="trials">All trials</h2>
      <p class="note">
        Those that do not count come first. Invalid: wrong answer, or a measurement that cannot be. Incomplete: journal
        cut short. Tainted: timing disturbed.
      </p>
      ${trialsTable(experiment)}
    </section> `;
}
