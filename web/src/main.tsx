import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { applyPreferences } from './chosen';
import { keepAddress } from './address';
import { notify } from './notices';
import { PageStore } from './page-store';
import { keepTitle } from './title';
import './style/palette.css';
import './style/base.css';
import './style/frame.css';
import './style/forms.css';
import './style/timeline.css';
import './style/actions.css';
import './style/dialogs.css';
import './style/welcome.css';

applyPreferences();
const store = new PageStore(localStorage);
keepAddress(store);
keepTitle(store);
notify(store);
addEventListener('storage', ({ key }) => store.marks.readAgain(key));
// Waiting for the next try is pointless once the network is known to be back, or somebody looks.
addEventListener('online', () => store.connectNow());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') store.connectNow();
});

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <App store={store} />
  </StrictMode>,
);
