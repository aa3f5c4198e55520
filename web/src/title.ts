import type { Chat, Room } from '../../src/client';
import { preferences } from './chosen';
import { isDirect } from './direct';
import { withMarks } from './marks';
import type { PageStore, Session } from './page-store';

const SETTLES_MS = 100;

/** Keeps the number of unread messages in the title of the tab, and a dot on its picture. */
export function keepTitle(store: PageStore): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')!;
  const seen = icon.href;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown = '';
  let dotted = false;
  let listening: { chat: Chat; stop: () => void } | undefined;
  const show = (): void => {
    const session = store.session();
    const unread = session ? unreadIn(store, session) : 0;
    const title = titleOf(unread, session?.current);
    // Even asking the document costs more than remembering.
    if (shown !== title) document.title = shown = title;
    if (dotted === unread > 0) return;
    dotted = unread > 0;
    icon.href = dotted ? seen.replace('favicon', 'favicon-unread') : seen;
  };
  // What comes while one looks is unread for a moment only, and not worth a title.
  const soon = (): void => {
    timer ??= setTimeout(() => ((timer = undefined), show()), SETTLES_MS);
  };
  const listen = (): void => {
    const chat = store.session()?.chat;
    if (chat !== listening?.chat) {
      listening?.stop();
      listening = chat && { chat, stop: chat.onChange(soon) };
    }
    show();
  };
  store.onChange(listen);
  preferences.onChange(soon);
  store.marks.onChange(soon);
  listen();
}

function unreadIn({ marks }: PageStore, { chat }: Session): number {
  const { muted } = preferences.value();
  const rooms = withMarks(chat.rooms(), marks.all());
  return rooms.reduce((sum, { room, unread }) => (muted.includes(room) ? sum : sum + unread), 0);
}

/** A direct room is called by its person, whom the page shows; the tab says nothing of him. */
export function titleOf(unread: number, room: Pick<Room, 'name'> | undefined): string {
  const count = unread > 99 ? '(99+) ' : unread > 0 ? `(${unread}) ` : '';
  return room && !isDirect(room.name) ? `${count}#${room.name} · Chatfleet` : `${count}Chatfleet`;
}
