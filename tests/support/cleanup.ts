/** Whoever starts something registers its end here; all ends run after each test file, last first. */
type End = () => unknown;
const ends: End[] = [];

export function onCleanup(end: End): void {
  ends.push(end);
}

afterAll(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
}, 60_000);
