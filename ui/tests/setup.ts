import { afterEach } from 'vitest';

import { takeDown } from './window';

// As index.html has it.
document.title = 'Cognito Desktop';

afterEach(takeDown);
