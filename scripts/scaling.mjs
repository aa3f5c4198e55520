// What so many connections need, by what was measured (docs/benchmarks/results.jsonl, written by `npm run bench`):
//   node scripts/scaling.mjs [messages a minute of each person] [members of a room]
// Arithmetic, not a measurement: docs/SCALING.md holds what it prints, and says what it leaves out.
import { readFileSync } from 'node:fs';

const [perMinute, members] = [Number(process.argv[2] ?? 1), Number(process.argv[3] ?? 20)];
/** The part of a core that is used: the target of the report (docs/decisions/0020). */
const USED = 0.6;
const PEOPLE = [500, 5_000, 50_000, 500_000, 1_000_000];
/** Members of a room of each shape (src/load/bench/shapes.ts). */
const MEMBERS = { quiet: 20, 'curve-400': 500 };

const lines = readFileSync(new URL('../docs/benchmarks/results.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const runs = lines
  .map((line) => JSON.parse(line))
  .filter(({ side, faults }) => side === 'ours' && faults.length === 0);

function median(shape, figure) {
  const values = runs
    .flatMap((run) => (run.shape === shape ? [run.figures[figure]] : []))
    .sort((a, b) => a - b);
  if (values.length === 0) throw new Error(`no run of ${shape} that counts`);
  return values[Math.floor((values.length - 1) / 2)];
}

/** µs CPU: servers and nginx work for deliveries, Redis for messages. */
const server = median('quiet', 'serversUs');
const nginx = median('nginx-2', 'nginxUs');
const redisOf = (shape) => median(shape, 'redisUs') * MEMBERS[shape];
const [redisLeast, redisMost] = [redisOf('curve-400'), redisOf('quiet')];
const idleKb = median('connect-websocket', 'idleKb');

const cores = (us) => us / 1_000_000 / USED;
const shown = (value) => (value < 10 ? value.toFixed(1) : round(value).toLocaleString('en'));
/** To two digits: nothing here is more exact. */
function round(value) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}
const range = (least, most) => `${shown(least)} to ${shown(most)}`;

console.log(`Each person says ${perMinute} a minute in rooms of ${members}; a core is used to ${USED * 100} %.

| taken | from |
|---|---|
| servers: ${shown(server)} µs CPU a delivery | \`quiet\` |
| Redis: ${range(redisLeast, redisMost)} µs CPU a message | \`curve-400\`, \`quiet\` |
| nginx: ${shown(nginx)} µs CPU a delivery | \`nginx-2\` |
| memory: ${shown(idleKb)} KB a connection | \`connect-websocket\` |

| connections | messages/s | deliveries/s | cores of servers | cores of Redis | cores of nginx, at least | memory of connections, GB |
|---|---|---|---|---|---|---|`);
for (const people of PEOPLE) {
  const messages = (people * perMinute) / 60;
  const deliveries = messages * members;
  const row = [
    ...[messages, deliveries, cores(deliveries * server)].map(shown),
    range(cores(messages * redisLeast), cores(messages * redisMost)),
    ...[cores(deliveries * nginx), (people * idleKb) / 1e6].map(shown),
  ];
  console.log(`| ${people.toLocaleString('en')} | ${row.join(' | ')} |`);
}

/** Connections whose work fills one core. */
const fill = (usOfOne) => shown(1 / cores(usOfOne * (perMinute / 60)));
console.log(`
| one core of | is full at so many connections |
|---|---|
| servers | ${fill(members * server)} |
| Redis | ${fill(redisMost)} to ${fill(redisLeast)} |
| nginx | ${fill(members * nginx)} at most |`);
