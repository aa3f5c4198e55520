// Says whether an Artillery run counts: every virtual user completed, none failed. Artillery's own exit code
// does not tell.
const { readFileSync } = require('node:fs');

const { counters } = JSON.parse(readFileSync(process.argv[2], 'utf8')).aggregate;
const created = counters['vusers.created'] ?? 0;
const completed = counters['vusers.completed'] ?? 0;
const failed = counters['vusers.failed'] ?? 0;
const errors = Object.entries(counters).filter(([name]) => name.startsWith('errors.'));

console.log(`${created} virtual users, ${completed} completed, ${failed} failed`);
for (const [name, count] of errors) console.log(`${name}: ${count}`);
process.exitCode = created > 0 && failed === 0 && completed === created ? 0 : 1;
