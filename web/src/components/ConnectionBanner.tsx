import { useEffect, useState } from 'react';
import type { Chat, ChatState, Code, Room } from '../../../src/client';
import { useChatState, useTimeline } from '../../../src/react';
import { useWords } from '../chosen';
import { useHasCome } from '../hooks';
import { waitingIn } from '../scroll';
import { useSignInAddress } from '../sign-in';
import type { Words } from '../words';

/** A loss shorter than this is not worth a word. */
const SHOW_AFTER_MS = 3_000;
/** For so long one is told that it is over. */
const AGAIN_FOR_MS = 1_500;

/** A function of the connection and the clock alone, so that it cannot stay by mistake. */
export function ConnectionBanner({ chat, room }: { chat: Chat; room: Room }) {
  const words = useWords();
  const state = useChatState(chat);
  const waiting = waitingIn(useTimeline(room));
  const late = useHasCome('since' in state ? state.since + SHOW_AFTER_MS : undefined) && 'since' in state;
  const again = useAgain(late);
  if (state.kind === 'refused') return <Refused chat={chat} code={state.error.code} />;
  const text = late ? lossOf(state, waiting, words) : again ? words.again : undefined;
  return (
    <div role="status" className="banner-place">
      {text !== undefined && (
        // Another text is another element: one that changes its width under the eye moves.
        <p key={text} className={late ? 'banner' : 'banner again'}>
          <span>{text}</span>
          {late && (
            <button type="button" className="text" onClick={() => chat.connect()}>
              {words.tryAgain}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function lossOf(state: ChatState, waiting: number, words: Words): string {
  const loss = state.kind === 'connecting' ? words.connecting : words.reconnecting;
  return waiting > 0 ? `${loss} ${words.waiting(waiting)}` : loss;
}

/** Whether a loss that was told of is over since a moment ago. */
function useAgain(late: boolean): boolean {
  const [over, setOver] = useState(false);
  const [was, setWas] = useState(false);
  if (was !== late) {
    setWas(late);
    setOver(was);
  }
  useEffect(() => {
    if (!over) return undefined;
    const timer = setTimeout(() => setOver(false), AGAIN_FOR_MS);
    return () => clearTimeout(timer);
  }, [over]);
  return over && !late;
}

const NEEDS_TOKEN: readonly Code[] = ['auth_expired', 'auth_invalid', 'auth_required'];

/** It does not come back by itself. What was written stays, for whoever signs in again. */
function Refused({ chat, code }: { chat: Chat; code: Code }) {
  const words = useWords();
  const signIn = useSignInAddress(NEEDS_TOKEN.includes(code));
  const why = code === 'auth_required' ? words.signInNeeded : words.expired;
  return (
    <div role="status" className="banner-place">
      <p className="banner refused">
        <span>{NEEDS_TOKEN.includes(code) ? why : (words.reason(code) ?? words.refused)}</span>
        {signIn === undefined ? (
          <button type="button" className="text" onClick={() => chat.connect()}>
            {words.tryAgain}
          </button>
        ) : (
          <a className="text" href={signIn}>
            {words.signIn}
          </a>
        )}
      </p>
    </div>
  );
}
