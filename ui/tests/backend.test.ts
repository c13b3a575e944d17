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
    await tauri.signIn('aiko', null);
    await tauri.signUp('aiko', null, { email: 'aiko@example.com' });
    await tauri.forgotPassword('aiko');
    await tauri.answerNewPassword('new', { name: 'Ben' });
    await tauri.answerWay('emailCode');
    await tauri.answerPassword(' pass ');
    await tauri.answerSecondFactor('authenticator');
    await tauri.answerAuthenticator('123456', 'My phone');
    await tauri.answerEmail('aiko@example.com');
    await tauri.answerCustom(' tea ');
    await tauri.answerReset('123456', ' pass ');
    await tauri.chooseAgain();
    await tauri.authenticatorSecret();
    await tauri.rememberDevice(true);
    await tauri.cancel();
    await tauri.signOut();
    await tauri.retry();
    await tauri.proceedWithoutKeychain();
    await tauri.wake();
    await tauri.demoUsers();
    await tauri.chooseDemoClient('devchoice');
    await tauri.picture();
    await tauri.listen(() => {});
    expect(asked.slice(0, -1)).toEqual([
      ['plugin:cognito|snapshot', {}],
      ['plugin:cognito|sign_in', { username: 'aiko', password: ' pass ' }],
      ['plugin:cognito|sign_in', { username: 'aiko', password: null }],
      ['plugin:cognito|sign_up', { username: 'aiko', password: null, attributes: { email: 'aiko@example.com' } }],
      ['plugin:cognito|forgot_password', { username: 'aiko' }],
      ['plugin:cognito|answer_new_password', { password: 'new', attributes: { name: 'Ben' } }],
      ['plugin:cognito|answer_way', { way: 'emailCode' }],
      ['plugin:cognito|answer_password', { password: ' pass ' }],
      ['plugin:cognito|answer_second_factor', { method: 'authenticator' }],
      ['plugin:cognito|answer_authenticator', { code: '123456', device: 'My phone' }],
      ['plugin:cognito|answer_email', { address: 'aiko@example.com' }],
      ['plugin:cognito|answer_custom', { answer: ' tea ' }],
      ['plugin:cognito|answer_reset', { code: '123456', password: ' pass ' }],
      ['plugin:cognito|choose_again', {}],
      ['plugin:cognito|authenticator_secret', {}],
      ['plugin:cognito|remember_device', { remember: true }],
      ['plugin:cognito|cancel', {}],
      ['plugin:cognito|sign_out', {}],
      ['plugin:cognito|retry', {}],
      ['plugin:cognito|proceed_without_keychain', {}],
      ['plugin:cognito|wake', {}],
      ['plugin:cognito|demo_users', {}],
      ['plugin:cognito|choose_demo_client', { clientId: 'devchoice' }],
      ['plugin:cognito|picture', {}],
    ]);
    expect(asked.at(-1)).toMatchObject(['plugin:event|listen', { event: 'cognito://snapshot' }]);
  });
});
