// Who may import whom: the table of docs/architecture.md. test/house/import-rules.test.ts plants violations of these rules.

const families = '(suites|runners|collectors|results|dashboards)';
const contracts = '^(suites/suite|runners/runner|collectors/collector|results/sink|dashboards/dashboard)\\.ts$';
const test = '(\\.test\\.ts$|^test/|/test/)';

/** Each heavy package has one home. */
const homes = {
  '@duckdb/': '^results/store/',
  '@influxdata/influxdb-client': '^results/influx/',
  '@kubernetes/client-node': '^(runners/kubernetes|collectors/kubelet)/',
  'chart\\.js': '^dashboards/',
  commander: '^cli/',
  'prom-client': '^results/exposition/',
  tinybench: '^suites/self/',
};

function homeRule([name, home]) {
  return {
    name: `home-of-${name.replace(/\W+/g, ' ').trim().replaceAll(' ', '-')}`,
    comment: 'A heavy package is used in its one home only, so that the others load fast and it can be replaced there.',
    severity: 'error',
    from: { pathNot: [home, test] },
    // Not installed, it keeps its bare name.
    to: { path: `(^|node_modules/)${name}` },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two modules that import each other cannot be read, tested or moved alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved-imports',
      comment: 'An import that leads nowhere is not checked by any other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'families-stay-apart',
      comment:
        'Families never import one another: a member gets what it needs from another family as an argument, from cli.',
      severity: 'error',
      from: { path: `^${families}/`, pathNot: test },
      to: { path: `^${families}/`, pathNot: '^$1/' },
    },
    {
      name: 'families-import-only-model-and-errors',
      comment:
        'Suites, runners, collectors and results import core/model, core/errors and core/make-folders and nothing else of core.',
      severity: 'error',
      from: { path: '^(suites|runners|collectors|results)/', pathNot: test },
      to: { path: '^core/', pathNot: '^core/(model/|errors\\.ts$|make-folders\\.ts$)' },
    },
    {
      name: 'dashboards-import-only-model-stats-and-errors',
      comment:
        'Dashboards draw records: core/model, core/stats, core/errors and core/make-folders are all they import of core.',
      severity: 'error',
      from: { path: '^dashboards/', pathNot: test },
      to: { path: '^core/', pathNot: '^core/(model/|stats/|errors\\.ts$|make-folders\\.ts$)' },
    },
    {
      name: 'dashboards-without-network',
      comment: 'A dashboard is a function of records; only the explorer is served.',
      severity: 'error',
      from: { path: '^dashboards/', pathNot: ['^dashboards/explorer/', test] },
      to: { path: '^(node:)?(dgram|http|http2|https|net|tls)$' },
    },
    {
      name: 'model-imports-only-zod',
      comment: 'core/model is what every program and family shares, so it depends on zod alone.',
      severity: 'error',
      from: { path: '^core/model/', pathNot: test },
      to: { pathNot: '(^core/model/|(^|node_modules/)zod(/|$))' },
    },
    {
      name: 'stats-without-io',
      comment: 'core/stats holds pure functions over core/model: no files, no processes, no clock, no network.',
      severity: 'error',
      from: { path: '^core/stats/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'stats-import-only-model',
      comment: 'core/stats imports core/model and numeric libraries.',
      severity: 'error',
      from: { path: '^core/stats/', pathNot: test },
      to: { path: `^(core|cli|${families})/`, pathNot: '^core/(stats|model)/' },
    },
    {
      name: 'engine-knows-contracts-only',
      comment: 'core/engine imports the contract files of the families; their implementations arrive as arguments.',
      severity: 'error',
      from: { path: '^core/engine/', pathNot: test },
      to: { path: `^${families}/`, pathNot: contracts },
    },
    {
      name: 'contracts-are-types-in-engine',
      comment: 'core/engine takes only types from the contract files, so that it loads no family.',
      severity: 'error',
      from: { path: '^core/engine/', pathNot: test },
      to: { path: contracts, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-below-families',
      comment: 'core is what the families share; apart from core/engine it does not know them.',
      severity: 'error',
      from: { path: '^core/', pathNot: ['^core/engine/', test] },
      to: { path: `^${families}/` },
    },
    {
      name: 'only-cli-reads-the-lists',
      comment: 'The list of a family (its index.ts) is read and wired by cli alone.',
      severity: 'error',
      from: { pathNot: ['^cli/', test] },
      to: { path: `^${families}/index\\.ts$` },
    },
    {
      name: 'nobody-imports-cli',
      comment: 'cli is the top; what others need of it belongs in core.',
      severity: 'error',
      from: { pathNot: ['^cli/', test] },
      to: { path: '^cli/' },
    },
    {
      name: 'no-test-code-in-the-program',
      comment: 'The program imports neither test/ nor development packages.',
      severity: 'error',
      from: { pathNot: [test, '^[^/]+\\.(ts|cjs)$'] },
      to: { path: '(^test/|\\.test\\.ts$)' },
    },
    {
      name: 'no-development-packages-in-the-program',
      comment: 'The program must run with `npm ci --omit=dev`.',
      severity: 'error',
      from: { pathNot: [test, '^[^/]+\\.(ts|cjs)$', '^dashboards/grafana/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'grafana-is-made-beforehand',
      comment: 'The dashboards of Grafana are generated and committed; the program does not need what makes them.',
      severity: 'error',
      from: { pathNot: ['^dashboards/grafana/', test] },
      to: { path: '^dashboards/grafana/' },
    },
    ...Object.entries(homes).map(homeRule),
  ],
  options: {
    // With any other parser it finds 0 modules beside TypeScript 7 and reports success. Sees type-only imports, too.
    parser: 'swc',
    exclude: { path: '^(analyses|docs|deploy|results/runs)/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
