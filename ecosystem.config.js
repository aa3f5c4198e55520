// The apps of the fleet for PM2: `pm2 start ecosystem.config.js` starts what `npm start` starts.
// What they are follows from fleet.env and var/fleet.json (src/fleet/apps.ts); there is nothing to edit here.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

function stop(message) {
  console.error(message);
  process.exit(4);
}

const prepare = join(__dirname, 'dist', 'fleet', 'prepare.js');
if (!existsSync(prepare)) stop('Chatfleet is not built. Nothing was changed.\nNext: npm run build');

try {
  module.exports = { apps: require(prepare).prepareFleet() };
} catch (error) {
  stop([error.message, error.unchanged, error.next && `Next: ${error.next}`].filter(Boolean).join('\n'));
}
