export const en = {
  title: 'Continue in your browser',
  titleWith: (provider: string): string => `Continue with ${provider}`,
  /** What to do there; `byHand` where no browser has opened. */
  lead: 'Sign in on the page that has opened in your browser.',
  leadByHand: 'Sign in on the pool’s page, in a browser on this computer.',
  /** The same for whoever is signed in and proves to be there. */
  proof: 'Sign in once more, as the same user, on the page that has opened in your browser.',
  proofByHand: 'Sign in once more, as the same user, on the pool’s page in a browser on this computer.',
  /** How it comes back from there. */
  back: {
    link: 'If it then asks whether to open this app, allow it. This window goes on by itself.',
    loopback: 'This window goes on by itself as soon as you are done there.',
    paste: 'It ends on a page that cannot be opened. Copy the address of that page and paste it here.',
  },
  waiting: 'Waiting for the browser…',
  notWaiting: 'No longer waiting',
  opening: 'Opening the browser…',
  open: 'Open the browser again',
  notOpened: {
    title: 'The browser did not open',
    text: 'Copy the link and open it in a browser yourself.',
  },
  copy: 'Copy link',
  paste: 'Paste the link from the browser',
  link: 'Link from the browser',
  hint: 'The whole address of the page that the browser has ended on',
  use: 'Use this link',
  checking: 'Checking the link…',
  need: 'Paste the link from the browser.',
  anew: 'Open the browser again to begin anew.',
  /** The page that the browser ends on. */
  page: {
    done: { heading: 'You can close this page', body: 'The app goes on by itself.' },
    failed: { heading: 'That did not work', body: 'The app says why. You can close this page.' },
    back: { heading: 'Back to the app', body: 'The app goes on by itself. You can close this page.' },
  },
};
