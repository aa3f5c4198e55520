import { MAX_NAME } from '../../../src/protocol/limits';
import { words } from '../words';
import { Logo } from './Icons';
import { NameForm } from './NameForm';

export function JoinForm({ join }: { join: (name: string) => void }) {
  return (
    <main className="welcome">
      <div className="card">
        <Logo />
        <h1>Chatfleet</h1>
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
      </div>
    </main>
  );
}
