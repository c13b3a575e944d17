import { afterEach } from 'vitest';

import { takeDown } from './window';

// There is no layout here, and nothing to scroll.
Element.prototype.scrollIntoView = () => {};

// As index.html has it.
document.title = 'Cognito Desktop';

afterEach(takeDown);
