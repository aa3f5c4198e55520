import { Changes } from '../../src/client/changes';

/** Without a sign of life for so long, nobody is taken to look at the page. */
const AWAY_AFTER_MS = 60_000;
const CHECK_EVERY_MS = 5_000;
const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart', 'focus'];

const changes = new Changes();
let lastSign = Date.now();
let looking = now();

function now(): boolean {
  return (
    document.visibilityState === 'visible' && document.hasFocus() && Date.now() - lastSign < AWAY_AFTER_MS
  );
}

function check(): void {
  if (looking === now()) return;
  looking = now();
  changes.tell();
}

for (const sign of SIGNS)
  addEventListener(
    sign,
    () => {
      lastSign = Date.now();
      if (!looking) check();
    },
    { capture: true, passive: true },
  );
for (const event of ['blur', 'visibilitychange']) addEventListener(event, check, { capture: true });
setInterval(check, CHECK_EVERY_MS);

/** Whether somebody looks at the page: it is in front, has the focus, and there was a sign of life lately. */
export const isLooking = (): boolean => looking;
export const onLooking = changes.on;
