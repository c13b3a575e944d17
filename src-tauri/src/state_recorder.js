// Debug builds only. Runs before the page's own scripts, so that nothing the page showed can be missed.
(() => {
  const states = [];
  Object.defineProperty(window, '__dataStates', { value: states });
  const note = () => {
    const state = document.documentElement?.dataset.state;
    if (state !== undefined && states.at(-1) !== state) states.push(state);
  };
  const options = { attributes: true, attributeFilter: ['data-state'], childList: true, subtree: true };
  new MutationObserver(note).observe(document, options);
  note();
})();
