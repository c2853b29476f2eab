import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { plural } from '../format.ts';
import { countsLine, headlineCards, headlineText } from './headlines.ts';
import { grafanaLink } from './grafana-link.ts';
import { html, type Markup, raw, scriptJson } from './html.ts';
import type { ReportView } from './report-view.ts';
import {
  budgetSection,
  closingSections,
  coreSpeedSection,
  costSection,
  floorSection,
  insideSection,
  physicsSection,
  scalingSection,
  sizeSection,
} from './sections.ts';

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** An element whose content is not touched, because the policy names its hash. */
function verbatim(name: string, attributes: string, content: string): Markup {
  return raw(`<${name}${attributes}>${content}</${name}>`);
}

/** The whole page; `script` is the browser bundle. Its policy allows our own script and style and forbids all network. */
export function page(view: ReportView, script: string): string {
  const { experiment } = view;
  const style = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8');
  const policy = `default-src 'none'; script-src ${sourceHash(script)}; style-src ${sourceHash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>hepbench: ${experiment.id}</title>
        ${verbatim('style', '', style)}
      </head>
      <body>
        <header>
          <div class="title">
            <h1>${headlineText(view)}</h1>
            <button id="theme" type="button" aria-label="Switch between light and dark">Light / dark</button>
          </div>
          ${headlineCards(view)}
          <p class="meta">
            Experiment ${experiment.id}, ${experiment.startedAt}, ${plural(experiment.sessions, 'session')} ×
            ${plural(experiment.repeats, 'warm repeat')}. <code>${experiment.command}</code> ${grafanaLink(experiment)}
          </p>
          ${countsLine(view)}
          <noscript><p class="note">The charts need JavaScript; all numbers are in the tables.</p></noscript>
        </header>
        <main>
          ${scalingSection(view)}${sizeSection(view)}${costSection(view)}${floorSection(view)}${insideSection(view)}${budgetSection(view)}${physicsSection(view)}${coreSpeedSection(view)}${closingSections(view)}
        </main>
        ${verbatim('script', ' id="data" type="application/json"', scriptJson(view.charts))}
        ${verbatim('script', '', script)}
      </body>
    </html> `;
  return markup;
}
