import { useId, type ReactNode } from 'react';
import { preferences, usePreferences, useWords } from '../chosen';
import type { PageStore } from '../page-store';
import { themes } from '../preferences';
import { languages, wordsIn } from '../words';
import { Dialog } from './Dialog';

interface Props {
  store: PageStore;
  close: () => void;
  showShortcuts: () => void;
}

/** What can be chosen; it holds at once, without a button to save. */
export function Settings({ store, close, showShortcuts }: Props) {
  const words = useWords();
  const { language, theme, enterSends } = usePreferences();
  const id = useId();
  return (
    <Dialog title={words.settings} close={close}>
      <Choices title={words.languageChoice}>
        {languages.map((one) => (
          <Radio
            key={one}
            name={`${id}-language`}
            checked={one === language}
            choose={() => preferences.set({ language: one })}
          >
            <span lang={one}>{wordsIn[one].language}</span>
          </Radio>
        ))}
      </Choices>
      <Choices title={words.theme}>
        {themes.map((one) => (
          <Radio
            key={one}
            name={`${id}-theme`}
            checked={one === theme}
            choose={() => preferences.set({ theme: one })}
          >
            {words.themes[one]}
          </Radio>
        ))}
      </Choices>
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          checked={enterSends}
          aria-describedby={`${id}-enter`}
          onChange={({ target }) => preferences.set({ enterSends: target.checked })}
        />
        {words.enterSends}
      </label>
      <p className="hint" id={`${id}-enter`}>
        {words.enterBreaks}
      </p>
      <footer>
        <button type="button" className="choice" onClick={showShortcuts}>
          {words.showShortcuts}
        </button>
        <button type="button" className="choice" onClick={() => store.signOut()}>
          {words.signOut}
        </button>
      </footer>
    </Dialog>
  );
}

const Choices = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset className="segments">
    <legend>{title}</legend>
    {children}
  </fieldset>
);

interface RadioProps {
  name: string;
  checked: boolean;
  choose: () => void;
  children: ReactNode;
}

const Radio = ({ name, checked, choose, children }: RadioProps) => (
  <label>
    <input type="radio" className="hidden" name={name} checked={checked} onChange={choose} />
    {children}
  </label>
);
