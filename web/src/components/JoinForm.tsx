import { MAX_NAME } from '../../../src/protocol/limits';
import { preferences, usePreferences, useWords } from '../chosen';
import { languages, wordsIn } from '../words';
import { Logo } from './Icons';
import { NameForm } from './NameForm';
import { Scene } from './Scene';

/** The first that a visitor sees: what this is, and the one thing to do. */
export function JoinForm({ join }: { join: (name: string) => void }) {
  const words = useWords();
  return (
    <div className="welcome">
      <header>
        <span className="wordmark">
          <Logo />
          Chatfleet
        </span>
        <LanguageSwitch />
      </header>
      <main>
        <div className="pitch">
          <h1>{words.slogan}</h1>
          <p>{words.tagline}</p>
          <NameForm
            className="name-form"
            label={words.yourName}
            button={words.join}
            maxLength={2 * MAX_NAME}
            complaint={words.badName}
            take={join}
            autoFocus
          />
          <p className="hint">{words.noAccount}</p>
        </div>
        <Scene />
      </main>
    </div>
  );
}

function LanguageSwitch() {
  const { language } = usePreferences();
  const others = languages.filter((one) => one !== language);
  return others.map((one) => (
    <button
      key={one}
      type="button"
      className="quiet text"
      lang={one}
      onClick={() => preferences.set({ language: one })}
    >
      {wordsIn[one].language}
    </button>
  ));
}
