import { useEffect, useRef, useState } from 'react';
import type { Room, ShownMessage } from '../../../src/client';
import { useWords } from '../chosen';
import { useSearch } from '../search';
import { partsOf } from '../snippet';
import { CloseIcon } from './Icons';

interface Props {
  room: Room;
  label: string;
  goTo: (message: ShownMessage) => void;
  close: () => void;
}

/** Searches the room as one types; a click on what was found leads there. */
export function SearchPanel({ room, label, goTo, close }: Props) {
  const words = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  const { messages, complete, busy, failed, more } = useSearch(room, query);
  useEffect(() => field.current!.focus(), []);
  return (
    <search
      className="search"
      aria-label={words.search(label)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        close();
      }}
    >
      <div className="field">
        <input
          type="search"
          ref={field}
          aria-label={words.search(label)}
          placeholder={words.searchHint}
          autoComplete="off"
          enterKeyHint="search"
          onInput={({ currentTarget }) => setQuery(currentTarget.value)}
        />
        <button type="button" className="quiet" aria-label={words.close} onClick={close}>
          <CloseIcon />
        </button>
      </div>
      <p className="hint" role="status">
        {failed && words.notSearched}
        {busy && !failed && words.loading}
        {!busy &&
          !failed &&
          messages &&
          (messages.length > 0 ? words.found(messages.length) : words.nothingFound)}
      </p>
      <ul>
        {messages?.toReversed().map((message) => (
          <li key={message.key}>
            <button type="button" onClick={() => goTo(message)}>
              <small>
                <strong>{message.from.name}</strong> {words.day(message.at)} {words.time(message.at)}
              </small>
              <Snippet text={message.text} query={query} />
            </button>
          </li>
        ))}
      </ul>
      {messages && !complete && (
        <button type="button" className="choice" disabled={busy} onClick={more}>
          {words.moreFound}
        </button>
      )}
    </search>
  );
}

function Snippet({ text, query }: { text: string; query: string }) {
  return (
    <span className="snippet">
      {partsOf(text, query).map(({ text: part, hit }, i) => (hit ? <mark key={i}>{part}</mark> : part))}
    </span>
  );
}
