// Before the first paint, so that nobody is dazzled: the colours that were chosen (see src/preferences.ts).
try {
  var theme = JSON.parse(localStorage.getItem('chatfleet:preferences') || '{}').theme;
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Nothing was chosen, or the storage is blocked.
}
