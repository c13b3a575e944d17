import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, describe, expect, it } from 'vitest';

import { tauri } from '../src/backend';

describe('the commands', () => {
  afterEach(clearMocks);

  it('carry the names and arguments that the plugin has', async () => {
    const asked: [string, unknown][] = [];
    mockIPC((command, args) => {
      asked.push([command, args]);
    });
    await tauri.snapshot();
    await tauri.signIn('aiko', ' pass ');
    await tauri.answerNewPassword('new', { name: 'Ben' });
    await tauri.cancel();
    await tauri.signOut();
    await tauri.retry();
    await tauri.proceedWithoutKeychain();
    await tauri.wake();
    await tauri.demoUsers();
    await tauri.picture();
    await tauri.listen(() => {});
    expect(asked.slice(0, 10)).toEqual([
      ['plugin:cognito|snapshot', {}],
      ['plugin:cognito|sign_in', { username: 'aiko', password: ' pass ' }],
      ['plugin:cognito|answer_new_password', { password: 'new', attributes: { name: 'Ben' } }],
      ['plugin:cognito|cancel', {}],
      ['plugin:cognito|sign_out', {}],
      ['plugin:cognito|retry', {}],
      ['plugin:cognito|proceed_without_keychain', {}],
      ['plugin:cognito|wake', {}],
      ['plugin:cognito|demo_users', {}],
      ['plugin:cognito|picture', {}],
    ]);
    expect(asked[10]).toMatchObject(['plugin:event|listen', { event: 'cognito://snapshot' }]);
  });
});
