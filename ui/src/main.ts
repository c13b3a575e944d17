import { mount } from 'svelte';

import App from './App.svelte';
import { tauri } from './backend';
import { languageFor } from './messages';
import './theme.css';
import './app.css';

mount(App, {
  target: document.body,
  props: { backend: tauri, language: languageFor(navigator.languages) },
});
