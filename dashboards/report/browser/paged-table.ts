/** A table whose rows are made when they are shown: a trial can have 100,000 tasks, more than a browser bears as elements. */
export interface LazyTable {
  readonly caption: string;
  readonly head: readonly string[];
  /** Number of rows; `row` is asked for 0 to `length - 1`. */
  readonly length: number;
  readonly row: (index: number) => readonly string[];
}

/** About how many cells are shown at once, and the fewest rows of a page however wide they are. */
const MAX_CELLS = 2500;
const MIN_ROWS = 10;

/** How many rows are shown at once of a table with so many columns. */
function rowsOfPage(columns: number): number {
  return Math.max(MIN_ROWS, Math.floor(MAX_CELLS / Math.max(1, columns)));
}

function tableRow(cells: readonly string[], tag: 'td' | 'th'): HTMLTableRowElement {
  const element = document.createElement('tr');
  for (const [i, text] of cells.entries()) {
    const cell = document.createElement(tag);
    cell.textContent = text;
    if (i > 0) cell.className = 'number';
    element.append(cell);
  }
  return element;
}

function button(text: string, click: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.addEventListener('click', click);
  return element;
}

/** The buttons that turn pages, and which rows are shown; at either end they do nothing. `show` is told the first row of `each`. */
function pager(length: number, each: number, show: (first: number) => void): HTMLElement {
  const last = Math.floor((length - 1) / each) * each;
  let first = 0;
  const place = document.createElement('span');
  place.setAttribute('role', 'status');
  const turn = (to: number): void => {
    first = Math.min(Math.max(to, 0), last);
    const rows = [first + 1, Math.min(first + each, length), length].map((row) => row.toLocaleString('en'));
    place.textContent = ` rows ${rows[0]} to ${rows[1]} of ${rows[2]} `;
    show(first);
  };
  const bar = document.createElement('p');
  bar.className = 'note';
  bar.append(
    button('First', () => turn(0)),
    ' ',
    button('Previous', () => turn(first - each)),
    place,
  );
  bar.append(
    button('Next', () => turn(first + each)),
    ' ',
    button('Last', () => turn(last)),
  );
  turn(0);
  return bar;
}

/** The elements of a table: its first page and, where there are more, buttons to turn pages. */
export function pagedTable({ caption, head, length, row }: LazyTable): HTMLElement[] {
  const table = document.createElement('table');
  table.createCaption().textContent = caption;
  table.createTHead().append(tableRow(head, 'th'));
  const body = table.createTBody();
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.setAttribute('aria-label', caption);
  scroll.append(table);
  const each = rowsOfPage(head.length);
  const show = (first: number): void => {
    const shown = Array.from({ length: Math.min(each, length - first) }, (_, i) => tableRow(row(first + i), 'td'));
    body.replaceChildren(...shown);
    scroll.scrollTop = 0;
  };
  if (length > each) return [pager(length, each, show), scroll];
  show(0);
  return [scroll];
}
