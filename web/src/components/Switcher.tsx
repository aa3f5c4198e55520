import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { useWords } from '../chosen';
import { useDestinations, type Destination } from '../destinations';
import type { PageStore, Session } from '../page-store';
import { useEnter } from '../use-enter';
import { Dialog } from './Dialog';
import { Sign } from './Sign';

interface Props {
  store: PageStore;
  session: Session;
  close: () => void;
}

/** Finds a room or person by a part of the name, by initial consonants in Korean too, and goes there. */
export function Switcher({ store, session, close }: Props) {
  const words = useWords();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = useDestinations(session, query);
  const chosen = Math.min(at, found.length - 1);
  const go = (where: Destination | undefined): void => {
    if (!where) return;
    close();
    if (where.kind === 'person') void store.openDirect(where.user);
    else store.open(where.room);
  };
  useEnter(field, () => go(found[chosen]));
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.nativeEvent.isComposing) return;
    event.preventDefault();
    setAt((chosen + step + found.length) % found.length);
  };
  return (
    <Dialog title={words.switchRoom} close={close}>
      <div className="field">
        <input
          ref={field}
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
          aria-label={words.switchHint}
          placeholder={words.switchHint}
          autoComplete="off"
          onInput={({ currentTarget }) => {
            setQuery(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul className="options" id={id} role="listbox" aria-label={words.switchRoom}>
        {found.map((where, i) => (
          <li
            key={where.key}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            onClick={() => go(where)}
          >
            {where.kind === 'new' ? words.openNew(where.room) : <Sign {...where} />}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="hint">{words.noRoomFound}</p>}
    </Dialog>
  );
}
