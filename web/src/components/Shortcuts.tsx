import { usePreferences, useWords } from '../chosen';
import { Dialog } from './Dialog';

/** The list behind `?`. */
export function Shortcuts({ close }: { close: () => void }) {
  const words = useWords();
  const { enterSends } = usePreferences();
  const rows: [string[], string][] = [
    [['Ctrl K'], words.switchRoom],
    [['/'], words.searchShortcut],
    [['Alt ↑', 'Alt ↓'], words.nextRoom],
    [[enterSends ? 'Enter' : 'Ctrl Enter'], words.sendShortcut],
    [[enterSends ? 'Shift Enter' : 'Enter'], words.newLine],
    [['↑'], words.editLast],
    [['Shift Tab', '↑', '↓'], words.inMessages],
    [['Enter'], words.messageActions],
    [['R'], words.replyShortcut],
    [['U'], words.markUnread],
    [['Esc'], words.backOut],
    [['?'], words.shortcuts],
  ];
  return (
    <Dialog title={words.shortcuts} close={close}>
      <dl className="shortcuts">
        {rows.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
