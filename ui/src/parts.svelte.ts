/** A part of the window that the start does without. */
export class Part<Page> {
  /** Once it is there, it is there at once. */
  page = $state.raw<Page | null>(null);
  failed = $state(false);
  readonly #load: () => Promise<{ default: Page }>;

  constructor(load: () => Promise<{ default: Page }>) {
    this.#load = load;
  }

  async load(): Promise<void> {
    if (this.page !== null) return;
    this.failed = false;
    try {
      this.page = (await this.#load()).default;
    } catch {
      this.failed = true;
    }
  }
}

export const parts = {
  challenged: new Part(() => import('./screens/Challenged.svelte')),
  connect: new Part(() => import('./screens/Connect.svelte')),
  signUp: new Part(() => import('./screens/SignUp.svelte')),
  profile: new Part(() => import('./pages/Profile.svelte')),
  deleting: new Part(() => import('./pages/DeleteAccount.svelte')),
  security: new Part(() => import('./pages/Security.svelte')),
  devices: new Part(() => import('./pages/Devices.svelte')),
};
