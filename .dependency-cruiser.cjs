/** Who may import whom (DESIGN: layout). Run by tests/docs/imports.test.ts. */
const ours = '^(src|web)/';
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: ours, pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('protocol-imports-nothing-of-ours', '^src/protocol/', []),
    only('config-imports-nothing-of-ours', '^src/config/', []),
    only('redis-imports-config-at-most', '^src/redis/', ['^src/config/', '^src/(deadline|rounds)\\.ts$']),
    only('client-imports-protocol-only', '^src/client/', ['^src/protocol/']),
    only('fleet-never-imports-server', '^src/fleet/', ['^src/(config|redis|protocol)/']),
    only('usage-knows-redis-at-most', '^src/usage/', ['^src/(config|redis|protocol)/', '^src/rounds\\.ts$']),
    {
      name: 'usage-is-for-servers-and-operators',
      severity: 'error',
      from: { path: ours, pathNot: '^src/(usage|server|monitor|fleet|cli)/' },
      to: { path: '^src/usage/' },
    },
    only('monitor-never-imports-server', '^src/monitor/', ['^src/(config|fleet|protocol|redis|usage)/']),
    only('cli-never-imports-server', '^src/cli/', ['^src/(charts|config|fleet|load|monitor|usage)/']),
    only('load-never-imports-server', '^src/load/(?!(chaos|bench)/)', ['^src/(protocol|client)/']),
    only('bench-runs-fleets', '^src/load/bench/', ['^src/load/', '^src/(config|fleet|protocol)/']),
    only('chaos-runs-a-fleet', '^src/load/chaos/', ['^src/load/', '^src/(config|fleet|protocol|redis)/']),
    only('charts-import-nothing-of-ours', '^src/charts/', []),
    only('react-imports-client-only', '^src/react/', ['^src/client/']),
    only('web-uses-the-client', '^web/', ['^src/(charts|client|protocol|react)/']),
    {
      name: 'protocol-and-client-run-in-browsers',
      severity: 'error',
      from: { path: '^src/(protocol|client|react)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'flow-knows-protocol-and-the-types-of-seams',
      severity: 'error',
      from: { path: '^src/server/flow/' },
      to: {
        path: ours,
        pathNot: [
          '^src/server/flow/',
          '^src/(protocol/|(deadline|rounds)\\.ts$)',
          '^src/server/[a-z]+/types\\.ts$',
        ],
      },
    },
    {
      name: 'flow-knows-no-framework',
      severity: 'error',
      from: { path: '^src/server/flow/' },
      to: { path: 'node_modules/(fastify|socket\\.io|redis|@redis|@socket\\.io)' },
    },
    {
      name: 'seams-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/server/(roomlog|people|outbox|presence)/' },
      to: { path: '^src/server/', pathNot: ['^src/server/$1/'] },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      from: {},
      to: { path: '/main\\.ts$' },
    },
    {
      name: 'redis-connections-are-made-in-one-place',
      severity: 'error',
      // Servers to compare with are written as people write them.
      from: { path: ours, pathNot: '^src/(redis|load/peers)/' },
      to: { path: 'node_modules/(redis|@redis)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
