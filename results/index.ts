/** Every sink; only the one in use is loaded. The store of experiments is always there and not among them. */
export const sinks = {
  influx: {
    summary: 'InfluxDB 2: samples while they come, one point for each trial; nothing is lost in an outage',
    load: async () => await import('./influx/sink.ts'),
  },
  exposition: {
    summary: 'a page for Prometheus: what is going on at present',
    load: async () => await import('./exposition/sink.ts'),
  },
} as const;
