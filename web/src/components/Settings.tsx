import { useId, useState } from 'react';
import { preferences, usePreferences, useWords } from '../chosen';
import type { PageStore } from '../page-store';
import { themes } from '../preferences';
import { languages, wordsIn } from '../words';
import { Choices, Radio } from './Choices';
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
      <NotifySwitch />
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

/** Browsers let one ask only at a click; who has refused has to change his mind in the browser. */
function NotifySwitch() {
  const words = useWords();
  const { notify } = usePreferences();
  const [refused, setRefused] = useState(false);
  if (!('Notification' in window)) return null;
  const choose = async (wanted: boolean): Promise<void> => {
    const allowed = wanted && (await Notification.requestPermission()) === 'granted';
    setRefused(wanted && !allowed);
    preferences.set({ notify: allowed });
  };
  return (
    <>
      <label className="switch">
        <input
          type="checkbox"
          role="switch"
          checked={notify && Notification.permission === 'granted'}
          onChange={({ target }) => void choose(target.checked)}
        />
        {words.notify}
      </label>
      {refused && (
        <p className="complaint" role="alert">
          {words.notifyRefused}
        </p>
      )}
    </>
  );
}
