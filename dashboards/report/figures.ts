import type { CurveView } from '../view/types.ts';
import { html, type Markup } from './html.ts';
import { curveTable } from './tables.ts';

/** A chart with its heading, words and table; `chart` is the name that the browser script knows. */
export function figure(chart: string, title: string, words: string, data: Markup, kind = ''): Markup {
  return html`<figure class="${kind}">
    <h3>${title}</h3>
    <div class="canvas">
      <canvas
        data-chart="${chart}"
        role="img"
        aria-label="${title}. ${words} The numbers are in the table below."
      ></canvas>
    </div>
    <figcaption>${words}</figcaption>
    <details>
      <summary>Data</summary>
      ${data}
    </details>
  </figure> `;
}

/** What a chart does not show, in words. */
function absences({ rows }: CurveView): Markup {
  const lost = rows.filter(({ absent }) => absent !== null);
  if (lost.length === 0) return html``;
  const items = lost.map(({ curve, at, absent }) => html`<li>${curve} at ${at}: — ${absent}</li>`);
  return html`<details class="absences">
    <summary>Not shown: ${lost.length} without a number</summary>
    <ul>
      ${items}
    </ul>
  </details>`;
}

/** A chart of medians, or one sentence when there is nothing to draw. */
export function curveFigure(chart: string, title: string, words: string, view: CurveView): Markup {
  if (view.curves.length > 0) return figure(chart, title, words, html`${absences(view)}${curveTable(view)}`);
  const reason = view.rows.find(({ absent }) => absent !== null)?.absent ?? 'no trial';
  return html`<figure class="empty">
    <h3>${title}</h3>
    <p>Not drawn: ${reason}.</p>
  </figure>`;
}
