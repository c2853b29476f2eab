/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

type Content = string | number | Markup | readonly Markup[] | null;

const ENTITIES: { readonly [char: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for element content and for quoted attributes. */
export function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}

function render(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  return 'markup' in content ? content.markup : content.map(({ markup }) => markup).join('');
}

/** A template whose insertions are escaped unless they are markup. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { markup: strings.map((text, i) => text + render(contents[i] ?? null)).join('') };
}

/** Text of our own that must not be escaped, such as a script. */
export function raw(markup: string): Markup {
  return { markup };
}

/** JSON for a script element: no character in it can end the element or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A cell: plain text, or text with a tooltip such as the reason of a missing number. */
export type Cell = string | { readonly text: string; readonly reason: string };

export interface Column {
  readonly title: string;
  /** Numbers are set right, prose may wrap. */
  readonly kind: 'text' | 'number' | 'prose';
}

function cell(content: Cell, column: Column | undefined): Markup {
  const kind = html` class="${column?.kind ?? 'text'}"`;
  if (typeof content === 'string') return html`<td${kind}>${content}</td>`;
  return html`<td${kind}><span class="absent" title="${content.reason}">${content.text}</span> <span class="reason">${content.reason}</span></td>`;
}

/** A table with a caption; wide ones scroll inside their own frame. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Markup {
  const head = columns.map(({ title, kind }) => html`<th scope="col" class="${kind}">${title}</th>`);
  const body = rows.map(
    (row) =>
      html`<tr>
        ${row.map((content, i) => cell(content, columns[i]))}
      </tr> `,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}
