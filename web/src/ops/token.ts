const KEY = 'chatfleet:ops-token';

/**
 * What opens the figures: behind the `#` of the address that `fleet ops` prints, and kept for this tab. It leaves the address
 * at once, so that it is in no history and in no bookmark.
 */
export function takeToken(): string | undefined {
  const [, given] = /[#&]token=([\w-]+)/.exec(location.hash) ?? [];
  try {
    if (given !== undefined) sessionStorage.setItem(KEY, given);
    return given ?? sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return given; // the storage is blocked: for this visit, then
  } finally {
    if (given !== undefined) history.replaceState(null, '', location.pathname);
  }
}
