import { afterEach } from 'vitest';

import { parts } from '../src/parts.svelte';
import { takeDown } from './window';

// There is no layout here, and nothing to scroll.
Element.prototype.scrollIntoView = () => {};

// As index.html has it.
document.title = 'Cognito Desktop';

// Once it is there, a part is there at once; that it comes later is tested by itself.
await Promise.all(Object.values(parts).map((part) => part.load()));

afterEach(takeDown);
