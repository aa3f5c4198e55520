import type { Chat } from '../../../src/client';
import { useChatState } from '../../../src/react';
import { useWords } from '../chosen';

/** Which server one is on: of no use to most, but it shows that others are on another one. */
export function ServerLine({ chat }: { chat: Chat }) {
  const words = useWords();
  const state = useChatState(chat);
  const online = state.kind === 'online';
  return (
    <small
      className={online ? 'server online' : 'server'}
      title={online ? words.on(state.server) : undefined}
    >
      {online ? state.server : words.connecting}
    </small>
  );
}
