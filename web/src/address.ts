import type { PageStore } from './page-store';
import { readLink, writeLink } from './place-link';

/** Keeps the part of the address after `#` and what is shown in step, so that links, back and forward work. */
export function keepAddress(store: PageStore): void {
  const goThere = (): void => {
    const link = readLink(location.hash);
    if (link) store.follow(link);
  };
  goThere();
  addEventListener('popstate', goThere);
  store.onChange(() => {
    const room = store.session()?.current.name;
    if (room !== undefined && room !== readLink(location.hash)?.room)
      history.pushState(null, '', writeLink({ room }));
  });
}
