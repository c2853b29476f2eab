import type { Sink } from '../sink.ts';
import { Board, type PageReport } from './board.ts';
import { servePage } from './server.ts';

/** A sink that is asked: what the journals say at present, as a page for Prometheus. */
export interface Exposition extends Sink<PageReport> {
  /** Address without a path; the page is `/metrics`. */
  readonly url: string;
}

/** Serves the page on `host` and `port` (0: any free one). Rejects with a BenchError when it cannot listen there. */
export async function openExposition({ host, port }: { host: string; port: number }): Promise<Exposition> {
  const board = new Board();
  const server = await servePage(board, host, port);
  return {
    name: 'exposition',
    url: server.url,
    follow: (path) => board.follow(path),
    finished: (path) => board.finished(path),
    isSettled: (path) => board.isSettled(path),
    report: () => board.report(),
    async close(ms) {
      await server.close(ms);
      await board.settled();
      return board.report();
    },
  };
}
