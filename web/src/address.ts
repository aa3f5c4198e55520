import type { PageStore } from './page-store';
import { readLink, tokenIn, writeLink } from './place-link';

/** Keeps the part of the address after `#` and what is shown in step, so that links, back and forward work. */
export function keepAddress(store: PageStore): void {
  const goThere = (): void => {
    const token = tokenIn(location.hash);
    if (token !== undefined) {
      // It must not stay in the history, nor go with a copied address.
      history.replaceState(null, '', location.pathname);
      store.signIn(token);
      return;
    }
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
