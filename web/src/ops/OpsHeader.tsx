import { preferences, usePreferences, useWords } from '../chosen';
import { Choices, Radio } from '../components/Choices';
import { Logo } from '../components/Icons';
import { themes } from '../preferences';
import { languages, wordsIn } from '../words';
import { useOpsWords } from './words';

/** What the page is, and how it speaks and looks. */
export function OpsHeader() {
  const words = useOpsWords();
  const names = useWords().themes;
  const { language, theme } = usePreferences();
  return (
    <header>
      <Logo />
      <h1>
        Chatfleet <span>{words.title}</span>
      </h1>
      <Choices title={words.language}>
        {languages.map((one) => (
          <Radio
            key={one}
            name="language"
            checked={one === language}
            choose={() => preferences.set({ language: one })}
          >
            <span lang={one}>{wordsIn[one].language}</span>
          </Radio>
        ))}
      </Choices>
      <Choices title={words.colours}>
        {themes.map((one) => (
          <Radio
            key={one}
            name="theme"
            checked={one === theme}
            choose={() => preferences.set({ theme: one })}
          >
            {names[one]}
          </Radio>
        ))}
      </Choices>
    </header>
  );
}
