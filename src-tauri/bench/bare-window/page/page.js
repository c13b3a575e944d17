// Asks the one command. The title is not part of the page, so its first content waits for nothing.
window.__TAURI_INTERNALS__.invoke('greeting').then((greeting) => (document.title = greeting));
