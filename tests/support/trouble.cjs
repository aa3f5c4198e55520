// Preload of a fleet (NODE_OPTIONS=--require): its servers make the trouble that the file named by TROUBLE asks for.
// The product knows nothing of it. What costs time costs CPU time, so that it holds on a machine that has little to give.
//   server:         only the one of this name does it
//   deliveryMicros: each delivery costs so much more
//   blockMs:        the event loop stands still for so long, once in five seconds
//   chokeMs:        it stands still again and again, for so long, with a turn of the loop between
//   garbage:        so many objects are kept, and all are looked at by the garbage collection, for half of the time
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

const LOOK_MS = 100;
const BLOCK_EVERY_MS = 5_000;
let blockedAt = -BLOCK_EVERY_MS;
let trouble = {};
let going = false;
let kept = [];
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

function burn(micros) {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= micros) return;
  }
}

function look() {
  try {
    trouble = JSON.parse(readFileSync(process.env.TROUBLE, 'utf8'));
    if (trouble.server && trouble.server !== process.env.SERVER_NAME) trouble = {};
  } catch {
    trouble = {}; // none is asked for
  }
  if (trouble.blockMs && performance.now() >= blockedAt + BLOCK_EVERY_MS) {
    blockedAt = performance.now();
    burn(1_000 * trouble.blockMs);
  }
  if (!going) goOn();
}

function goOn() {
  const { chokeMs, garbage } = trouble;
  going = Boolean(chokeMs || garbage);
  if (kept.length !== (garbage ?? 0))
    kept = Array.from({ length: garbage ?? 0 }, (_, i) => ({ i, own: [i] }));
  const start = performance.now();
  if (chokeMs) burn(1_000 * chokeMs);
  if (garbage) collect();
  if (going) setTimeout(goOn, garbage ? performance.now() - start : 1);
}

function costMore() {
  // Of the build that PM2 starts, which is a copy of dist.
  const { CatchUp } = require(join(dirname(process.env.pm_exec_path), 'flow', 'catch-up.js'));
  const { deliver } = CatchUp.prototype;
  CatchUp.prototype.deliver = function (cursor, piece) {
    deliver.call(this, cursor, piece);
    if (trouble.deliveryMicros) burn(trouble.deliveryMicros * piece.count);
  };
}

// The options reach every Node process that the fleet starts; only servers have this name.
if (process.env.TROUBLE && process.env.SERVER_NAME) {
  look();
  setInterval(look, LOOK_MS).unref();
  costMore();
}
