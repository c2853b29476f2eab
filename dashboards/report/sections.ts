import type { BudgetView, HistogramView } from '../view/types.ts';
import type { FloorRow } from '../view/floor.ts';
import { html, type Markup, raw } from './html.ts';
import { CURVE_CHARTS, type CurveChart } from './curve-charts.ts';
import { curveFigure, figure } from './figures.ts';
import { CORE_SPEED_BOUNDS } from '../view/core-speed.ts';
import { barTable, coreSpeedTable, environmentTable, floorTable, histogramTable, trialsTable } from './tables.ts';
import type { ReportView } from './report-view.ts';

/** The charts of medians of a section, in the order of their list. */
function curveFigures({ charts, scalings }: ReportView, section: CurveChart['section']): readonly Markup[] {
  return CURVE_CHARTS.filter((chart) => chart.section === section).map(({ name, title, words, fitText, unvaried }) => {
    const view = charts.curves[name];
    if (!view) return html`<p class="note">${unvaried ?? `— ${title}: not varied.`}</p>`;
    return curveFigure(name, title, `${words}${fitText?.(scalings) ?? ''}`, view);
  });
}

/** Rate, speed-up and efficiency against workers. */
export function scalingSection(view: ReportView): Markup {
  return html`<section>
    <h2 id="scaling">Scaling with workers</h2>
    <p class="note">
      Small marks are trials; large ones
      medians${view.intervals ? ', whiskers their 95 % intervals over the sessions' : ' (no intervals: they need 3 sessions)'}.
      Hollow: oversubscribed, in no fit.
    </p>
    <div class="grid">${curveFigures(view, 'scaling')}</div>
  </section> `;
}

/** Rate against data size and, apart from it, against file size. */
export function sizeSection(view: ReportView): Markup {
  return html`<section>
    <h2 id="size">Size of data and of files</h2>
    <div class="grid">${curveFigures(view, 'size')}</div>
  </section> `;
}

/** Cold against warm, and CPU per event. */
export function costSection(view: ReportView): Markup {
  return html`<section>
    <h2 id="cost">Cold starts and the price of an event</h2>
    <div class="grid">
      ${figure('coldWarm', 'Cold and warm', 'The first trial of a block starts in fresh processes and compiles; the others are warm.', barTable('Cold and warm (seconds)', view.charts.coldWarm))}
      ${curveFigures(view, 'cost')}
    </div>
  </section> `;
}

/** Why no row has a share, where that is the same for all of them. */
function missingOfAll(floor: readonly FloorRow[]): string | undefined {
  const reasons = new Set(floor.map(({ ratio }) => ('missing' in ratio ? ratio.missing : undefined)));
  const [reason] = reasons;
  return reasons.size === 1 ? reason : undefined;
}

/** How far the suite is from reading its columns and doing nothing with them; nothing where it reads no data, or is itself that. */
export function floorSection({ floor }: ReportView): Markup {
  if (floor.length === 0) return html``;
  const reason = missingOfAll(floor);
  return html`<section>
    <h2 id="floor">Distance from reading alone</h2>
    <p class="note">
      Suite iobench reads columns, decompresses them and does nothing with them. Where it was run with the same backend,
      workers and data, the event rate of each point is compared with its own for as many bytes of columns: measured
      within 1 %, or between the nearest choices of fewer and of more bytes.
    </p>
    ${reason === undefined ? floorTable(floor) : html`<p class="note">— ${reason}.</p>`}
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
export function closingSections(view: ReportView): Markup {
  const { experiment } = view;
  return html`<div class="grid pair">
      <section>
        <h2 id="memory">Memory</h2>
        ${curveFigures(view, 'memory')}
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
