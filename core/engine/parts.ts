import type { Dataset } from '../datasets/datasets.ts';

/** Events of one file that one event-processing task reads: from `start` up to, but not including, `stop`. */
export interface Part {
  readonly file: number;
  readonly start: number;
  readonly stop: number;
}

/** Where the clusters of a file begin, and its end: `[0, 2000, 4000, 4500]`. */
export type ClusterEdges = readonly number[];

/** The clusters of a file of `events` events with `clusterEvents` in each but the last, which may hold fewer. */
export function clusterEdges(events: number, clusterEvents: number): ClusterEdges {
  const clusters = Math.ceil(events / clusterEvents);
  return Array.from({ length: clusters + 1 }, (_, index) => Math.min(index * clusterEvents, events));
}

/** The clusters of every file of a data set; throws when the manifest contradicts itself. */
export function clustersOf({ id, files, spec }: Pick<Dataset, 'id' | 'files' | 'spec'>): readonly ClusterEdges[] {
  return files.map(({ name, events, clusters }) => {
    const edges = clusterEdges(events, spec.clusterEvents);
    if (edges.length - 1 === clusters) return edges;
    throw new Error(`${name} of data set ${id} has ${clusters} clusters, ${edges.length - 1} expected`);
  });
}

/**
 * The parts that files are cut into for `perFile` tasks each: the rule of distributed RDataFrame (ROOT 6.40, DistRDF/Ranges.py), which
 * takes equal shares of the files, finds the entry at each edge of a share, and moves it up to the next edge of a cluster. It is
 * followed to the rounding of its numbers, and the same parts serve every backend. Undefined when a share holds no cluster of its
 * own, so that its task would have nothing to do.
 */
export function partsOf(files: readonly ClusterEdges[], perFile: number): Part[] | undefined {
  const share = files.length / (files.length * perFile);
  const parts: Part[] = [];
  for (const [file, edges] of files.entries()) {
    for (let k = 0; k < perFile; k++) {
      const start = edgeIn(files, file, share * (file * perFile + k));
      const stop = edgeIn(files, file, share * (file * perFile + k + 1));
      if (start === undefined || stop === undefined || start === stop) return undefined;
      parts.push({ file, start, stop });
    }
    if (parts.at(-1)?.stop !== edges.at(-1)) return undefined;
  }
  return parts;
}

/** Where `position`, counted in files, lies in `file`: the end of the file before is its start. Undefined when it lies elsewhere. */
function edgeIn(files: readonly ClusterEdges[], file: number, position: number): number | undefined {
  const at = Math.floor(position);
  const edges = files[at];
  if (!edges) return at === file + 1 ? files[file]?.at(-1) : undefined;
  const events = edges.at(-1) ?? 0;
  const edge = edgeFrom(edges, Math.floor((position - at) * events));
  if (at === file) return edge;
  if (at === file - 1 && edge === events) return 0;
  return at === file + 1 && edge === 0 ? files[file]?.at(-1) : undefined;
}

/** The first edge at or after an entry. */
function edgeFrom(edges: ClusterEdges, entry: number): number {
  const found = edges.find((edge) => edge >= entry);
  if (found === undefined) throw new Error(`entry ${entry} lies behind the last cluster`);
  return found;
}

/** As many parts as wanted for each file, or as many as give every task a cluster of its own. */
export function cut(files: readonly ClusterEdges[], wantedPerFile: number): Part[] {
  const fewest = Math.min(...files.map((edges) => edges.length - 1));
  for (let perFile = Math.min(wantedPerFile, fewest); perFile > 1; perFile--) {
    const parts = partsOf(files, perFile);
    if (parts) return parts;
  }
  const whole = partsOf(files, 1);
  if (!whole) throw new Error('a file holds no events');
  return whole;
}
