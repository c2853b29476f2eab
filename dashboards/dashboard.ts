import type { Experiment } from '../core/model/record.ts';

/** What a dashboard is told about the place that its rendering goes to; nothing of it changes a number. */
export interface RenderOptions {
  /** Folder for derived files that can be made again, such as the bundle of the browser script. */
  readonly cacheFolder: string;
  /** Width of the terminal in characters. */
  readonly columns: number;
  /** Whether the terminal shows colours. */
  readonly colour: boolean;
}

/** One document, complete in itself. */
export interface Rendering {
  /** File name that suits the document, without folder. */
  readonly fileName: string;
  readonly mediaType: 'text/html' | 'text/plain';
  readonly body: string;
}

/** HOW people see an experiment: a function of its records, without clock and network. */
export interface Dashboard {
  readonly name: string;
  readonly summary: string;
  /** The same experiment gives the same rendering. */
  readonly render: (experiment: Experiment, options: RenderOptions) => Promise<Rendering>;
}
