/// <reference types="vitest/config" />
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  // Tauri's own messages are on the same console.
  clearScreen: false,
  server: {
    host: '127.0.0.1',
    port: 1420,
    // The address is a constant in tauri.conf.json.
    strictPort: true,
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['safari16.2', 'chrome111'],
    // The polyfill is a script in the page, which the content security policy forbids.
    modulePreload: { polyfill: false },
  },
  // Svelte has a server build as well; the tests want the browser's.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
  },
});
