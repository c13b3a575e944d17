// Scenarios for tests/aws_clients.rs: node scenarios.mjs SCENARIO ANNOUNCEMENT
//
// What AWS's own clients do with an account. Each asserts by itself; the last line says that it ran to its end.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'

import * as amplify from '@aws-amplify/auth'
import { cognitoUserPoolsTokenProvider } from '@aws-amplify/auth/cognito'
import { Amplify } from '@aws-amplify/core'
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js'

// Amplify asks the browser what to call a device, and without an answer confirms none.
globalThis.navigator ??= { userAgent: 'a test' }

const [, , scenario, announcement] = process.argv
const pool = JSON.parse(announcement)
const users = Object.fromEntries(pool.users.map((user) => [user.username, user]))
const POOL_ID = new URL(pool.issuer).pathname.slice(1)

async function newestCode() {
  const answer = await fetch(`${pool.endpoint}/_userpool/outbox`)
  return (await answer.json()).messages.at(-1).code
}

/** What an authenticator shows (RFC 6238), so many periods from now. */
function totp(secret, periods = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/=+$/, '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
  const key = Buffer.from(bits.join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + periods))
  const digest = createHmac('sha1', key).update(counter).digest()
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** The exception that the client threw, which it must. */
async function refused(promise, name) {
  try {
    await promise
  } catch (error) {
    assert.equal(error.name, name, error.stack)
    return error.message
  }
  throw new Error(`was not refused with ${name}`)
}

/** Amplify, for an app client of the pool. It has one user at a time. */
function configure(client) {
  const cognito = { userPoolId: POOL_ID, userPoolClientId: client, userPoolEndpoint: pool.endpoint }
  const config = { Auth: { Cognito: cognito } }
  Amplify.configure(config, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider } })
  cognitoUserPoolsTokenProvider.setAuthConfig(config.Auth)
}

/** Signs in by the password, and returns what Amplify says is next. */
async function signIn(username, password = users[username].password) {
  const { nextStep } = await amplify.signIn({ username, password })
  return nextStep
}

const answer = async (challengeResponse) => (await amplify.confirmSignIn({ challengeResponse })).nextStep
const DONE = { signInStep: 'DONE' }

async function begin(username, client = users[username].client) {
  configure(client)
  assert.deepEqual(await signIn(username), DONE)
}

/** A user of amazon-cognito-identity-js, with a storage of its own. */
class Person {
  constructor(username, client = users[username].client) {
    const kept = new Map()
    const Storage = {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, value),
      removeItem: (name) => kept.delete(name),
      clear: () => kept.clear(),
    }
    const Pool = new CognitoUserPool({ UserPoolId: POOL_ID, ClientId: client, endpoint: pool.endpoint, Storage })
    this.username = username
    this.user = new CognitoUser({ Username: username, Pool, Storage })
  }

  /** Calls what takes one function for both outcomes. */
  call(method, values = [], after = []) {
    return new Promise((resolve, reject) => {
      this.user[method](...values, (error, ...result) => (error ? reject(error) : resolve(result.at(-1))), ...after)
    })
  }

  /** Calls what takes one for each; the step that comes next is an outcome, too. */
  ask(method, values = [], after = []) {
    return new Promise((resolve, reject) => {
      const steps = ['totpRequired', 'mfaRequired', 'selectMFAType', 'inputVerificationCode', 'associateSecretCode']
      const step = (name) => [name, (...found) => resolve({ step: name, found })]
      this.user[method](
        ...values,
        { ...Object.fromEntries(steps.map(step)), onSuccess: (...found) => resolve({ step: 'done', found }), onFailure: reject },
        ...after,
      )
    })
  }

  async signIn(password = users[this.username].password) {
    return this.ask('authenticateUser', [new AuthenticationDetails({ Username: this.username, Password: password })])
  }

  async attributes() {
    const all = await this.call('getUserAttributes')
    return Object.fromEntries(all.map(({ Name, Value }) => [Name, Value]))
  }
}

const scenarios = {
  async attributes() {
    await begin('aiko')
    const before = await amplify.fetchUserAttributes()
    const { sub } = before
    assert.deepEqual(before, { sub, email: 'aiko@example.com', email_verified: 'true', name: 'Aiko Tanaka' })

    // What is verified keeps its value until the new one is.
    const changed = await amplify.updateUserAttributes({ userAttributes: { nickname: '愛', email: 'mori@example.com' } })
    assert.deepEqual(changed.nickname, { isUpdated: true, nextStep: { updateAttributeStep: 'DONE' } })
    const delivery = { attributeName: 'email', deliveryMedium: 'EMAIL', destination: 'm***@e***' }
    assert.deepEqual(changed.email, {
      isUpdated: false,
      nextStep: { updateAttributeStep: 'CONFIRM_ATTRIBUTE_WITH_CODE', codeDeliveryDetails: delivery },
    })
    assert.deepEqual(await amplify.fetchUserAttributes(), { ...before, nickname: '愛' })
    const confirm = (confirmationCode) => amplify.confirmUserAttribute({ userAttributeKey: 'email', confirmationCode })
    await refused(confirm('000000'), 'CodeMismatchException')
    await confirm(await newestCode())
    const after = { ...before, nickname: '愛', email: 'mori@example.com' }
    assert.deepEqual(await amplify.fetchUserAttributes(), after)
    assert.deepEqual(await amplify.sendUserAttributeVerificationCode({ userAttributeKey: 'email' }), delivery)
    await confirm(await newestCode())

    await refused(
      amplify.sendUserAttributeVerificationCode({ userAttributeKey: 'phone_number' }),
      'InvalidParameterException',
    )
    const phone = (value) =>
      amplify.updateUserAttribute({ userAttribute: { attributeKey: 'phone_number', value } })
    await refused(phone('12'), 'InvalidParameterException')
    assert.equal((await phone('+15550009876')).nextStep.codeDeliveryDetails.destination, '+*******9876')
    const unverified = { ...after, phone_number: '+15550009876', phone_number_verified: 'false' }
    assert.deepEqual(await amplify.fetchUserAttributes(), unverified)
    const confirmationCode = await newestCode()
    await amplify.confirmUserAttribute({ userAttributeKey: 'phone_number', confirmationCode })
    assert.equal((await amplify.fetchUserAttributes()).phone_number_verified, 'true')

    await amplify.deleteUserAttributes({ userAttributeKeys: ['phone_number', 'nickname'] })
    const { nickname: _, ...rest } = after
    assert.deepEqual(await amplify.fetchUserAttributes(), rest)
    const takeAway = (key) => amplify.deleteUserAttributes({ userAttributeKeys: [key] })
    assert.match(await refused(takeAway('name'), 'InvalidParameterException'), /The attribute is required/)
    await refused(takeAway('sub'), 'NotAuthorizedException')
    // A renewal tells what is new.
    const { tokens } = await amplify.fetchAuthSession({ forceRefresh: true })
    assert.equal(tokens.idToken.payload.email, 'mori@example.com')
    assert.equal(tokens.idToken.payload.sub, sub)
  },

  async password() {
    await begin('aiko')
    const [oldPassword, newPassword] = [users.aiko.password, 'Roasted-Tea-43']
    const change = (values) => amplify.updatePassword({ oldPassword, newPassword, ...values })
    assert.equal(await refused(change({ oldPassword: 'wrong' }), 'NotAuthorizedException'), 'Incorrect username or password.')
    await refused(change({ newPassword: 'short' }), 'InvalidPasswordException')
    await change()
    // The session goes on.
    assert.equal((await amplify.fetchUserAttributes()).email, 'aiko@example.com')
    await amplify.signOut()
    await refused(signIn('aiko'), 'NotAuthorizedException')
    assert.deepEqual(await signIn('aiko', newPassword), DONE)
  },

  async second_factors() {
    await begin('aiko')
    const preference = async (wish) => {
      if (wish) await amplify.updateMFAPreference(wish)
      return amplify.fetchMFAPreference()
    }
    const none = { preferred: undefined, enabled: undefined }
    assert.deepEqual(await preference(), none)
    await refused(preference({ totp: 'PREFERRED' }), 'InvalidParameterException')
    await refused(preference({ sms: 'ENABLED' }), 'InvalidParameterException')

    const first = await amplify.setUpTOTP()
    const { sharedSecret, getSetupUri } = await amplify.setUpTOTP()
    assert.match(sharedSecret, /^[A-Z2-7]{16,}$/)
    assert.equal(getSetupUri('App').protocol, 'otpauth:')
    await refused(amplify.verifyTOTPSetup({ code: totp(first.sharedSecret) }), 'EnableSoftwareTokenMFAException')
    await amplify.verifyTOTPSetup({ code: totp(sharedSecret), options: { friendlyDeviceName: 'my phone' } })
    // It is there, and not yet asked for.
    assert.deepEqual(await preference(), none)
    assert.deepEqual(await preference({ totp: 'PREFERRED' }), { preferred: 'TOTP', enabled: ['TOTP'] })
    await amplify.signOut()
    assert.equal((await signIn('aiko')).signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE')
    await refused(answer('000000'), 'CodeMismatchException')
    assert.deepEqual(await answer(totp(sharedSecret, 1)), DONE)

    // Two, none of them preferred: the user chooses.
    await refused(preference({ totp: 'PREFERRED', email: 'PREFERRED' }), 'InvalidParameterException')
    assert.deepEqual(await preference({ totp: 'NOT_PREFERRED', email: 'ENABLED' }), {
      preferred: undefined,
      enabled: ['TOTP', 'EMAIL'],
    })
    await amplify.signOut()
    assert.deepEqual(await signIn('aiko'), {
      signInStep: 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION',
      allowedMFATypes: ['TOTP', 'EMAIL'],
    })
    const sent = await answer('EMAIL')
    assert.equal(sent.signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE')
    assert.equal(sent.codeDeliveryDetails.destination, 'a***@e***')
    assert.deepEqual(await answer(await newestCode()), DONE)
    assert.equal((await preference({ email: 'PREFERRED' })).preferred, 'EMAIL')
    assert.deepEqual(await preference({ totp: 'DISABLED' }), { preferred: 'EMAIL', enabled: ['EMAIL'] })
    assert.deepEqual(await preference({ email: 'DISABLED' }), none)
    await amplify.signOut()
    assert.deepEqual(await signIn('aiko'), DONE)
  },

  async devices() {
    configure('devdevices')
    const secondFactor = async (periods) => {
      assert.equal((await signIn('uma')).signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE')
      assert.deepEqual(await answer(totp(users.uma.totp_secret, periods)), DONE)
    }
    await secondFactor(0)
    const [device, ...others] = await amplify.fetchDevices()
    assert.deepEqual(others, [])
    assert.match(device.id, /^us-east-1_[0-9a-f-]{36}$/)
    assert.equal(device.attributes['dev:device_remembered_status'], 'remembered')
    for (const date of ['createDate', 'lastModifiedDate', 'lastAuthenticatedDate']) {
      assert.ok(Math.abs(device[date] - Date.now()) < 60_000, date)
    }
    // The device stands in for the code, and is what renews.
    const renew = async () => (await amplify.fetchAuthSession({ forceRefresh: true })).tokens
    const { accessToken } = await renew()
    assert.equal(accessToken.payload.device_key, device.id)
    await amplify.signOut()
    assert.deepEqual(await signIn('uma'), DONE)
    assert.equal((await amplify.fetchDevices()).length, 1)
    await amplify.forgetDevice()
    assert.deepEqual(await amplify.fetchDevices(), [])
    await amplify.signOut()
    await secondFactor(1)

    // Only if the user wants.
    await amplify.signOut()
    configure('devoptin')
    const byMessage = async () => {
      assert.equal((await signIn('viktor')).signInStep, 'CONFIRM_SIGN_IN_WITH_SMS_CODE')
      assert.deepEqual(await answer(await newestCode()), DONE)
    }
    await byMessage()
    await amplify.signOut()
    await byMessage()
    await amplify.rememberDevice()
    const [{ id, attributes }] = await amplify.fetchDevices()
    assert.equal(attributes['dev:device_remembered_status'], 'remembered')
    await amplify.signOut()
    assert.deepEqual(await signIn('viktor'), DONE)
    await amplify.forgetDevice({ device: { id } })
    await refused(amplify.forgetDevice({ device: { id } }), 'ResourceNotFoundException')
    assert.deepEqual(await amplify.fetchDevices(), [])
  },

  async passkeys() {
    configure('devchoice')
    const { password } = users.priya
    const options = { authFlowType: 'USER_AUTH', preferredChallenge: 'PASSWORD_SRP' }
    assert.deepEqual((await amplify.signIn({ username: 'priya', password, options })).nextStep, DONE)
    const { credentials } = await amplify.listWebAuthnCredentials()
    const names = credentials.map(({ friendlyCredentialName }) => friendlyCredentialName)
    assert.deepEqual(names, ['demo passkey', 'demo spare passkey'])
    const [first] = credentials
    assert.deepEqual([first.relyingPartyId, first.authenticatorTransports], ['localhost', ['internal']])
    assert.equal(first.createdAt.getTime(), 1_790_000_000_000)
    const { credentials: page, nextToken } = await amplify.listWebAuthnCredentials({ pageSize: 1 })
    assert.deepEqual(page, [first])
    assert.deepEqual((await amplify.listWebAuthnCredentials({ pageSize: 1, nextToken })).credentials, [credentials[1]])
    const { credentialId } = first
    await amplify.deleteWebAuthnCredential({ credentialId })
    await refused(amplify.deleteWebAuthnCredential({ credentialId }), 'ResourceNotFoundException')
    assert.deepEqual((await amplify.listWebAuthnCredentials()).credentials, [credentials[1]])
  },

  async endings() {
    const elsewhere = new Person('aiko')
    assert.equal((await elsewhere.signIn()).step, 'done')
    await begin('aiko')
    // Signing out ends this session alone; everywhere, all of them.
    const { tokens } = await amplify.fetchAuthSession()
    await amplify.signOut()
    assert.equal((await elsewhere.attributes()).name, 'Aiko Tanaka')
    const body = JSON.stringify({ AccessToken: tokens.accessToken.toString() })
    const target = 'AWSCognitoIdentityProviderService.GetUser'
    const late = await fetch(pool.endpoint, { method: 'POST', headers: { 'x-amz-target': target }, body })
    assert.deepEqual(await late.json(), { __type: 'NotAuthorizedException', message: 'Access Token has been revoked' })
    await signIn('aiko')
    await amplify.signOut({ global: true })
    await refused(elsewhere.attributes(), 'NotAuthorizedException')

    await signIn('aiko')
    assert.equal((await elsewhere.signIn()).step, 'done')
    await amplify.deleteUser()
    await refused(amplify.getCurrentUser(), 'UserUnAuthenticatedException')
    await refused(elsewhere.attributes(), 'NotAuthorizedException')
    await refused(signIn('aiko'), 'NotAuthorizedException')
  },

  async older_account() {
    const nora = new Person('nora', 'devdesktop')
    assert.equal((await nora.signIn()).step, 'done')
    const { sub, ...told } = await nora.attributes()
    assert.match(sub, /^[0-9a-f-]{36}$/)
    assert.deepEqual(told, {
      email: 'nora@example.com',
      email_verified: 'true',
      name: 'Nora Berg',
      phone_number: '+15550001234',
      phone_number_verified: 'true',
    })
    const changed = await nora.call('updateAttributes', [[
      { Name: 'nickname', Value: '北' },
      { Name: 'phone_number', Value: '+15550005678' },
    ]])
    const sms = { AttributeName: 'phone_number', DeliveryMedium: 'SMS', Destination: '+*******5678' }
    assert.deepEqual(changed.CodeDeliveryDetailsList, [sms])
    const verify = (code) => nora.ask('verifyAttribute', ['phone_number', code])
    await refused(verify('000000'), 'CodeMismatchException')
    assert.deepEqual((await verify(await newestCode())).found, ['SUCCESS'])
    const { step, found } = await nora.ask('getAttributeVerificationCode', ['email'])
    assert.equal(step, 'inputVerificationCode')
    assert.equal(found[0].CodeDeliveryDetails.Destination, 'n***@e***')
    await nora.call('deleteAttributes', [['nickname']])
    assert.deepEqual(await nora.attributes(), { sub, ...told, phone_number: '+15550005678' })

    const { found: [secret] } = await nora.ask('associateSoftwareToken')
    await refused(nora.ask('verifySoftwareToken', ['000000', 'phone']), 'EnableSoftwareTokenMFAException')
    assert.equal((await nora.ask('verifySoftwareToken', [totp(secret), 'phone'])).found[0].Status, 'SUCCESS')
    const settings = (Enabled, PreferredMfa) => ({ Enabled, PreferredMfa })
    const factors = async () => {
      const { PreferredMfaSetting, UserMFASettingList } = await nora.call('getUserData', [], [{ bypassCache: true }])
      return [PreferredMfaSetting, UserMFASettingList]
    }
    await nora.call('setUserMfaPreference', [settings(true, false), settings(true, true)])
    assert.deepEqual(await factors(), ['SOFTWARE_TOKEN_MFA', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']])
    assert.equal((await nora.signIn()).step, 'totpRequired')
    assert.equal((await nora.ask('sendMFACode', [totp(secret, 1)], ['SOFTWARE_TOKEN_MFA'])).step, 'done')
    // None for one of them leaves it as it is.
    await nora.call('setUserMfaPreference', [null, settings(true, false)])
    assert.deepEqual(await factors(), [undefined, ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']])
    assert.equal((await nora.signIn()).step, 'selectMFAType')
    assert.equal((await nora.ask('sendMFASelectionAnswer', ['SMS_MFA'])).step, 'mfaRequired')
    assert.equal((await nora.ask('sendMFACode', [await newestCode()])).step, 'done')
    await nora.call('setUserMfaPreference', [settings(false, false), settings(false, false)])
    assert.deepEqual(await factors(), [undefined, undefined])

    const { password } = users.nora
    await refused(nora.call('changePassword', ['wrong', 'Free-Choice-15']), 'NotAuthorizedException')
    assert.equal(await nora.call('changePassword', [password, 'Free-Choice-15']), 'SUCCESS')
    await refused(nora.signIn(), 'NotAuthorizedException')
    assert.equal((await nora.signIn('Free-Choice-15')).step, 'done')
    assert.equal(await nora.call('deleteUser'), 'SUCCESS')
    await refused(nora.signIn('Free-Choice-15'), 'NotAuthorizedException')
  },

  async older_devices() {
    const machines = [0, 1, 2].map(() => new Person('viktor'))
    for (const machine of machines) {
      assert.equal((await machine.signIn()).step, 'mfaRequired')
      const { step, found } = await machine.ask('sendMFACode', [await newestCode()])
      // The device is confirmed, and the user is to be asked whether it is to be remembered.
      assert.deepEqual([step, found[1]], ['done', true])
    }
    const [here, there] = machines
    const mine = async () => (await here.ask('getDevice')).found[0].Device
    const status = ({ DeviceAttributes }) =>
      DeviceAttributes.find(({ Name }) => Name === 'dev:device_remembered_status').Value
    assert.equal(status(await mine()), 'not_remembered')
    assert.deepEqual((await here.ask('setDeviceStatusRemembered')).found, ['SUCCESS'])
    assert.equal(status(await mine()), 'remembered')
    assert.equal((await here.signIn()).step, 'done')
    assert.equal((await there.signIn()).step, 'mfaRequired')
    await here.ask('setDeviceStatusNotRemembered')
    assert.equal((await here.signIn()).step, 'mfaRequired')
    assert.equal((await here.ask('sendMFACode', [await newestCode()])).step, 'done')

    // In pages, as long as there is a next one.
    const keys = []
    let token = null
    do {
      const { found: [page] } = await here.ask('listDevices', [2, token])
      assert.ok(page.Devices.length <= 2)
      keys.push(...page.Devices.map(({ DeviceKey }) => DeviceKey))
      token = page.PaginationToken
    } while (token)
    assert.equal(new Set(keys).size, 3)
    assert.equal(keys.length, 3)

    // A renewal needs the device; once it is forgotten there is none.
    const renew = (machine) => machine.call('refreshSession', [machine.user.getSignInUserSession().getRefreshToken()])
    await renew(here)
    assert.deepEqual((await here.ask('forgetDevice')).found, ['SUCCESS'])
    await refused(renew(here), 'NotAuthorizedException')
    const last = machines[2]
    const { Device } = (await last.ask('getDevice')).found[0]
    await last.ask('forgetSpecificDevice', [Device.DeviceKey])
    await refused(last.ask('getDevice'), 'ResourceNotFoundException')
    assert.deepEqual((await last.ask('globalSignOut')).found, ['SUCCESS'])
  },
}

await scenarios[scenario]()
console.log(`passed ${scenario}`)
