import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/**
 * The gallery: `npm run build:gallery`. One script of the window's own components, for the window's tests; it has no
 * styles, since those of the window it runs in are what is looked at.
 */
export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: 'dist-gallery',
    emptyOutDir: true,
    target: ['safari16.2', 'chrome111'],
    cssCodeSplit: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: 'mock/gallery.ts',
      output: { format: 'iife', entryFileNames: 'gallery.js', assetFileNames: 'unused[extname]' },
    },
  },
});
