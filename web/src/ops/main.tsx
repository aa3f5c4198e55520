import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { applyPreferences } from '../chosen';
import { OpsPage } from './OpsPage';
import '../style/palette.css';
import '../style/base.css';
import '../style/forms.css';
import '../style/dialogs.css';
import './ops.css';

applyPreferences();
createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <OpsPage />
  </StrictMode>,
);
