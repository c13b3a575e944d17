import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, describe, expect, it } from 'vitest';

import { tauri } from '../src/backend';

describe('the commands', () => {
  afterEach(clearMocks);

  it('carry the names and arguments that the plugin has', async () => {
    const asked: [string, unknown][] = [];
    const words = { heading: 'Done', body: 'Close this.' };
    const page = { language: 'en', title: 'App', done: words, failed: words, back: words };
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
    await tauri.signInInBrowser('Google', null);
    await tauri.openBrowserAgain();
    await tauri.browserLink();
    await tauri.pasteLink('cognito-desktop://sign-in/callback');
    await tauri.setBrowserPage(page);
    await tauri.dismissLinkNotice();
    await tauri.cancel();
    await tauri.signOut();
    await tauri.retry();
    await tauri.proceedWithoutKeychain();
    await tauri.wake();
    await tauri.demoUsers();
    await tauri.chooseDemoClient('devchoice');
    await tauri.picture();
    await tauri.provePresence();
    await tauri.account();
    await tauri.changeAttributes({ name: 'Ben' });
    await tauri.deleteAttributes(['nickname']);
    await tauri.sendAttributeCode('email');
    await tauri.verifyAttribute('email', '123456');
    await tauri.changePassword(null, ' new ');
    await tauri.beginAuthenticator();
    await tauri.confirmAuthenticator('123456', null);
    await tauri.enableSecondFactor('sms');
    await tauri.disableSecondFactor('authenticator');
    await tauri.preferSecondFactor(null);
    await tauri.devices();
    await tauri.forgetDevice('key');
    await tauri.passkeys();
    await tauri.deletePasskey('id');
    await tauri.addPasskey();
    await tauri.dismissPasskeyTold();
    await tauri.sessions();
    await tauri.revokeSession('id');
    await tauri.deleteAccount('aiko');
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
      ['plugin:cognito|sign_in_in_browser', { provider: 'Google', loginHint: null }],
      ['plugin:cognito|open_browser_again', {}],
      ['plugin:cognito|browser_link', {}],
      ['plugin:cognito|paste_link', { link: 'cognito-desktop://sign-in/callback' }],
      ['plugin:cognito|set_browser_page', { page }],
      ['plugin:cognito|dismiss_link_notice', {}],
      ['plugin:cognito|cancel', {}],
      ['plugin:cognito|sign_out', {}],
      ['plugin:cognito|retry', {}],
      ['plugin:cognito|proceed_without_keychain', {}],
      ['plugin:cognito|wake', {}],
      ['plugin:cognito|demo_users', {}],
      ['plugin:cognito|choose_demo_client', { clientId: 'devchoice' }],
      ['plugin:cognito|picture', {}],
      ['plugin:cognito|prove_presence', {}],
      ['plugin:cognito|account', {}],
      ['plugin:cognito|change_attributes', { values: { name: 'Ben' } }],
      ['plugin:cognito|delete_attributes', { names: ['nickname'] }],
      ['plugin:cognito|send_attribute_code', { attribute: 'email' }],
      ['plugin:cognito|verify_attribute', { attribute: 'email', code: '123456' }],
      ['plugin:cognito|change_password', { previous: null, proposed: ' new ' }],
      ['plugin:cognito|begin_authenticator', {}],
      ['plugin:cognito|confirm_authenticator', { code: '123456', device: null }],
      ['plugin:cognito|enable_second_factor', { method: 'sms' }],
      ['plugin:cognito|disable_second_factor', { method: 'authenticator' }],
      ['plugin:cognito|prefer_second_factor', { method: null }],
      ['plugin:cognito|devices', {}],
      ['plugin:cognito|forget_device', { key: 'key' }],
      ['plugin:cognito|passkeys', {}],
      ['plugin:cognito|delete_passkey', { id: 'id' }],
      ['plugin:cognito|add_passkey', {}],
      ['plugin:cognito|dismiss_passkey_told', {}],
      ['plugin:cognito|sessions', {}],
      ['plugin:cognito|revoke_session', { id: 'id' }],
      ['plugin:cognito|delete_account', { name: 'aiko' }],
    ]);
    expect(asked.at(-1)).toMatchObject(['plugin:event|listen', { event: 'cognito://snapshot' }]);
  });
});
