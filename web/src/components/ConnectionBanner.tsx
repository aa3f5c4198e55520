import type { Chat, ChatState } from '../../../src/client';
import { useChatState, useHasCome } from '../hooks';
import { useWords } from '../chosen';
import type { Words } from '../words';

/** A loss shorter than this is not worth a word. */
const SHOW_AFTER_MS = 3_000;

export function ConnectionBanner({ chat }: { chat: Chat }) {
  const words = useWords();
  const state = useChatState(chat);
  const late = useHasCome('since' in state ? state.since + SHOW_AFTER_MS : undefined);
  const text = textOf(state, late, words);
  return (
    <div role="status" className="banner-place">
      {text !== undefined && (
        <p className={state.kind === 'refused' ? 'banner refused' : 'banner'}>
          <span>{text}</span>
          <button type="button" className="text" onClick={() => chat.connect()}>
            {words.tryAgain}
          </button>
        </p>
      )}
    </div>
  );
}

function textOf(state: ChatState, late: boolean, words: Words): string | undefined {
  if (state.kind === 'refused') return words.reason(state.error.code) ?? words.refused;
  if (state.kind === 'connecting' && late) return words.connecting;
  if (state.kind === 'reconnecting' && late) return words.reconnecting;
  return undefined;
}
