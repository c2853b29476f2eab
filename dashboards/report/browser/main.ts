// Runs in the reader's browser: draws the charts of the page from the JSON that the page carries.
import { DARK, LIGHT, type Theme } from '../../charts/theme.ts';
import type { ChartsView } from '../report-view.ts';
import { type Drawn, drawings } from './drawings.ts';
import { showTrialTables } from './trial-tables.ts';

// Written by the program that wrote this page.
const view: ChartsView = JSON.parse(document.getElementById('data')?.textContent ?? '');
const selector = document.querySelector<HTMLSelectElement>('#trial');
const darkPage = matchMedia('(prefers-color-scheme: dark)');
const charts = new Map<HTMLCanvasElement, Drawn>();
let forced: Theme['name'] | undefined;
let printing = false;

function theme(): Theme {
  if (printing) return LIGHT;
  return (forced ?? (darkPage.matches ? 'dark' : 'light')) === 'dark' ? DARK : LIGHT;
}

function draw(canvas: HTMLCanvasElement): void {
  const drawing = drawings(view, Number(selector?.value ?? 0), theme())(canvas.dataset['chart'] ?? '');
  charts.get(canvas)?.destroy();
  charts.delete(canvas);
  const frame = canvas.parentElement;
  if (!drawing || !frame) return;
  // Without a height of its own that of the style sheet, whatever a legend needed before.
  frame.style.height = drawing.height === undefined ? '' : `${drawing.height}px`;
  charts.set(canvas, drawing.draw(canvas));
}

function drawAll(filter = 'canvas[data-chart]'): void {
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>(filter)) draw(canvas);
}

function drawTrial(): void {
  drawAll(
    'canvas[data-chart=cores], canvas[data-chart=readRate], canvas[data-chart=timeline], canvas[data-chart^=watched-]',
  );
  const trial = view.trials[Number(selector?.value ?? 0)];
  if (trial) showTrialTables(trial, view.watched);
}

document.getElementById('theme')?.addEventListener('click', () => {
  forced = theme().name === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = forced;
  drawAll();
});
darkPage.addEventListener('change', () => drawAll());
selector?.addEventListener('change', drawTrial);
for (const [event, state] of [
  ['beforeprint', true],
  ['afterprint', false],
] as const) {
  addEventListener(event, () => {
    printing = state;
    if (printing) document.documentElement.dataset['theme'] = 'light';
    else if (forced) document.documentElement.dataset['theme'] = forced;
    else delete document.documentElement.dataset['theme'];
    drawAll();
  });
}
drawAll();
drawTrial();
document.documentElement.dataset['drawn'] = 'yes';
