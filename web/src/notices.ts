import type { Chat, Room, ShownMessage } from '../../src/client';
import { isLooking, onLooking } from './attention';
import { preferences } from './chosen';
import { isDirect } from './direct';
import type { PageStore } from './page-store';
import { wordsIn } from './words';

/** Held by the one tab that notifies, and shared by all tabs that somebody looks at. */
const NOTIFIER = 'chatfleet:notifier';
const LOOKING = 'chatfleet:looking';
/** What was said longer ago than this is no news, ms: it came with a page of history. */
const NEWS_MS = 60_000;

/** Tells of messages while nobody looks at any tab: of all tabs of the browser one does. */
export function notify(store: PageStore): void {
  if (!('Notification' in window) || !('locks' in navigator)) return;
  holdWhileLooking();
  void navigator.locks.request(NOTIFIER, () => {
    const told = new WeakMap<Room, number>();
    const look = (): void => {
      const session = store.session();
      for (const room of session?.rooms ?? []) if (!told.has(room)) watch(room, told, store);
    };
    store.onChange(look);
    look();
    return new Promise<never>(() => undefined); // until the tab is closed
  });
}

function holdWhileLooking(): void {
  let release: (() => void) | undefined;
  const change = (): void => {
    if (!isLooking()) release?.();
    else if (!release)
      void navigator.locks
        .request(LOOKING, { mode: 'shared' }, () => new Promise<void>((done) => (release = done)))
        .finally(() => (release = undefined));
  };
  onLooking(change);
  change();
}

function watch(room: Room, told: WeakMap<Room, number>, store: PageStore): void {
  told.set(room, newest(room)?.seq ?? 0);
  room.onChange(() => {
    const message = newest(room);
    const before = told.get(room) ?? 0;
    if (message?.seq === undefined || message.seq === before) return;
    told.set(room, message.seq);
    const chat = store.session()?.chat;
    if (chat && message.seq > before && isNews(message, chat)) void tell(room, message, store);
  });
}

const newest = (room: Room): ShownMessage | undefined =>
  room.timeline().findLast(({ seq }) => seq !== undefined);

const isNews = ({ from, at, deleted }: ShownMessage, chat: Chat): boolean =>
  !deleted && from.id !== chat.user?.id && Date.now() - at < NEWS_MS;

async function tell(room: Room, { from, text }: ShownMessage, store: PageStore): Promise<void> {
  const { notify: wanted, muted, language } = preferences.value();
  if (!wanted || muted.includes(room.name) || Notification.permission !== 'granted') return;
  const { held = [] } = await navigator.locks.query();
  if (held.some(({ name }) => name === LOOKING)) return;
  const { said } = wordsIn[language];
  const notice = isDirect(room.name)
    ? new Notification(from.name, { body: text, tag: room.name })
    : new Notification(`#${room.name}`, { body: said(from.name, text), tag: room.name });
  notice.onclick = () => {
    window.focus();
    store.open(room.name);
    notice.close();
  };
}
