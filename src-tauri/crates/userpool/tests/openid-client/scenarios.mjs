// Scenarios for tests/openid_client.rs: node scenarios.mjs SCENARIO ANNOUNCEMENT
//
// Each asserts by itself; the last line says that it ran to its end.

import assert from 'node:assert/strict'

import * as jose from 'jose'
import * as openid from 'openid-client'

const [, , scenario, announcement] = process.argv
const pool = JSON.parse(announcement)
const clients = Object.fromEntries(pool.clients.map((client) => [client.id, client]))
const users = Object.fromEntries(pool.users.map((user) => [user.username, user]))
const LINK = 'cognito-desktop://sign-in/callback'
const ACCOUNT = 'aws.cognito.signin.user.admin'
const ALL = `openid email profile ${ACCOUNT}`

/** A browser: keeps cookies, follows redirects as long as they stay at the pool, and fills in forms. */
class Browser {
  cookies = new Map()

  async open(address, form) {
    let request = form && { method: 'POST', body: new URLSearchParams(form) }
    for (let hops = 0; hops < 10; hops += 1) {
      const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ')
      const answer = await fetch(address, { ...request, redirect: 'manual', headers: { cookie } })
      for (const text of answer.headers.getSetCookie()) this.#keep(text)
      if (answer.status !== 302) return new Page(this, address, answer.status, await answer.text())
      const next = new URL(answer.headers.get('location'), address)
      if (next.origin !== pool.endpoint) return next
      ;[address, request] = [next, undefined]
    }
    throw new Error('too many redirects')
  }

  #keep(text) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)
    assert.match(text, /; HttpOnly/)
    assert.match(text, /; SameSite=Lax/)
    if (/Max-Age=0\b/.test(text)) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}

class Page {
  constructor(browser, address, status, html) {
    Object.assign(this, { browser, address, status, html })
    assert.doesNotMatch(html, /<script/i)
  }

  get title() {
    return /<h1>(.*?)<\/h1>/.exec(this.html)[1]
  }

  get alert() {
    return /<p role="alert">(.*?)<\/p>/.exec(this.html)?.[1]
  }

  /** Sends the form with these values. */
  submit(values) {
    const [, action] = /<form method="post" action="([^"]*)">/.exec(this.html)
    const form = {}
    for (const [, attributes] of this.html.matchAll(/<input ([^>]*)>/g)) {
      const attribute = (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
      if (attribute('type') !== 'radio') form[attribute('name')] = unescape(attribute('value'))
    }
    return this.browser.open(new URL(unescape(action), this.address), { ...form, ...values })
  }
}

const unescape = (text) =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name])

async function control(what, body) {
  const answer = await fetch(`${pool.endpoint}/_userpool/${what}`, body && { method: 'POST', body: JSON.stringify(body) })
  assert.equal(answer.status, 200, await answer.clone().text())
  return answer.json()
}

const script = (operation, ...steps) => control('script', { operation, steps })
const clock = (offset_seconds) => control('clock', { offset_seconds })

async function newestCode() {
  return (await control('outbox')).messages.at(-1).code
}

/** One of Cognito's operations. */
async function operation(name, body) {
  const target = `AWSCognitoIdentityProviderService.${name}`
  const answer = await fetch(pool.endpoint, { method: 'POST', headers: { 'x-amz-target': target }, body: JSON.stringify(body) })
  return answer.json()
}

function discover(client, authentication) {
  const own = authentication ?? openid.None()
  return openid.discovery(new URL(pool.issuer), client, undefined, own, {
    // Loopback has no TLS. Signatures are checked although TLS would vouch for them elsewhere.
    execute: [openid.allowInsecureRequests, openid.enableNonRepudiationChecks],
  })
}

/** A sign-in that begins: the address to open, and what its answer is checked against. */
async function begin(config, more = {}) {
  const verifier = openid.randomPKCECodeVerifier()
  const checks = { pkceCodeVerifier: verifier, expectedState: openid.randomState(), expectedNonce: openid.randomNonce() }
  const parameters = {
    redirect_uri: LINK,
    scope: ALL,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  }
  const address = openid.buildAuthorizationUrl(config, parameters)
  return { address, checks, config }
}

const password = (username) => ({ username, password: users[username].password, by: 'password' })

/** The browser goes through the pages of a user who is asked for the password alone. */
async function signIn(begun, username = 'aiko', browser = new Browser()) {
  const page = await browser.open(begun.address)
  assert.equal(page.title, 'Sign in')
  return page.submit(password(username))
}

const exchange = (begun, callback) => openid.authorizationCodeGrant(begun.config, callback, begun.checks)

async function verified(token, config, audience) {
  const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
  const { payload } = await jose.jwtVerify(token, keys, { issuer: pool.issuer, audience, algorithms: ['RS256'] })
  return payload
}

/** What an id token says of the access token beside it. */
async function hashOf(token) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return Buffer.from(digest).subarray(0, 16).toString('base64url')
}

/** What the client threw, which it must. */
async function thrown(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('was not refused')
}

/** Why it did, in all its words. */
async function why(promise) {
  const words = []
  for (let problem = await thrown(promise); problem instanceof Error; problem = problem.cause) {
    words.push(problem.message)
  }
  return words.join(' / ')
}

async function refused(promise, error) {
  const problem = await thrown(promise)
  assert.equal(problem.error, error, problem.stack)
  return problem
}

/** What an app sends to the token endpoint itself. */
async function token(form, headers = {}) {
  const answer = await fetch(`${pool.endpoint}/oauth2/token`, { method: 'POST', headers, body: new URLSearchParams(form) })
  return [answer.status, await answer.json()]
}

async function goThrough(config, client) {
  assert.equal(config.serverMetadata().end_session_endpoint, `${pool.endpoint}/logout`)
  const browser = new Browser()
  const begun = await begin(config)
  const tokens = await exchange(begun, await signIn(begun, 'aiko', browser))
  assert.equal(tokens.token_type, 'bearer')
  assert.equal(tokens.expires_in, 3600)

  const claims = tokens.claims()
  const aiko = { 'cognito:username': 'aiko', email: 'aiko@example.com', email_verified: true, name: 'Aiko Tanaka' }
  for (const [name, value] of Object.entries(aiko)) assert.equal(claims[name], value, name)
  assert.equal(claims.nonce, begun.checks.expectedNonce)
  assert.deepEqual(await verified(tokens.id_token, config, client), claims)
  const access = await verified(tokens.access_token, config)
  assert.equal(access.client_id, client)
  assert.equal(access.scope, ALL)
  for (const name of ['sub', 'origin_jti', 'auth_time', 'event_id']) assert.equal(access[name], claims[name], name)
  assert.equal(claims.at_hash, await hashOf(tokens.access_token))

  const info = await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
  assert.deepEqual(
    [info.username, info.email, info.email_verified, info.name],
    ['aiko', 'aiko@example.com', 'true', 'Aiko Tanaka'],
  )
  assert.equal((await operation('GetUser', { AccessToken: tokens.access_token })).Username, 'aiko')

  const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token)
  assert.equal(renewed.claims().sub, claims.sub)
  assert.equal(renewed.claims().auth_time, claims.auth_time)
  assert.equal(renewed.claims().nonce, undefined)
  await verified(renewed.id_token, config, client)
  const rotates = client === 'devbrowser'
  assert.equal(renewed.refresh_token !== undefined, rotates)

  await openid.tokenRevocation(config, renewed.refresh_token ?? tokens.refresh_token)
  await refused(openid.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
  assert.match((await operation('GetUser', { AccessToken: renewed.access_token })).message, /revoked/)
  const late = await thrown(openid.fetchUserInfo(config, renewed.access_token, claims.sub))
  assert.equal(late.status, 401)
  assert.equal(late.cause[0].parameters.error, 'invalid_token')

  // The browser is still known; then it is not.
  assert.ok(browser.cookies.has('cognito'))
  assert.ok((await browser.open((await begin(config)).address)).searchParams.has('code'))
  const out = openid.buildEndSessionUrl(config, { logout_uri: 'cognito-desktop://signed-out/callback' })
  assert.equal((await browser.open(out)).href, 'cognito-desktop://signed-out/callback')
  assert.ok(!browser.cookies.has('cognito'))
  assert.equal((await browser.open((await begin(config)).address)).title, 'Sign in')
}

const scenarios = {
  async public_client() {
    const config = await discover('devbrowser')
    await goThrough(config, 'devbrowser')
    // By a port of this machine as well.
    const redirect_uri = 'http://127.0.0.1:19275/callback'
    const begun = await begin(config, { redirect_uri })
    const callback = await signIn(begun)
    assert.ok(callback.href.startsWith(`${redirect_uri}?code=`))
    await exchange(begun, callback)
    // A refresh token that has been replaced is good for ten seconds more, and its reuse ends everything.
    const other = await begin(config)
    const { refresh_token } = await exchange(other, await signIn(other))
    await openid.refreshTokenGrant(config, refresh_token)
    const newest = await openid.refreshTokenGrant(config, refresh_token)
    await clock(11)
    await refused(openid.refreshTokenGrant(config, refresh_token), 'invalid_grant')
    await refused(openid.refreshTokenGrant(config, newest.refresh_token), 'invalid_grant')
  },

  async confidential_client() {
    const { secret } = clients.devbrowsersecret
    for (const way of [openid.ClientSecretBasic, openid.ClientSecretPost]) {
      await goThrough(await discover('devbrowsersecret', way(secret)), 'devbrowsersecret')
      const config = await discover('devbrowsersecret', way('wrong'))
      const begun = await begin(config)
      const callback = await signIn(begun)
      assert.equal((await refused(exchange(begun, callback), 'invalid_client')).status, 400)
      const revocation = await thrown(openid.tokenRevocation(config, 'x'))
      assert.equal(revocation.status, 401)
      // The code is still good for who has the secret.
      await exchange({ ...begun, config: await discover('devbrowsersecret', way(secret)) }, callback)
    }
    const none = await discover('devbrowsersecret')
    const begun = await begin(none)
    await refused(exchange(begun, await signIn(begun)), 'invalid_client')
  },

  async more_pages() {
    const config = await discover('devbrowser')
    for (const [username, words] of [
      ['lena', 'It was sent to +*******1234'],
      ['mateo', 'It was sent to m***@e***'],
      ['yara', 'Your authenticator app shows it.'],
    ]) {
      const begun = await begin(config)
      const asked = await signIn(begun, username)
      assert.equal(asked.title, 'Enter the code')
      assert.ok(asked.html.includes(words), asked.html)
      const wrong = await asked.submit({ code: '00000000' })
      assert.match(wrong.alert, /Invalid code/)
      const tokens = await exchange(begun, await wrong.submit({ code: await newestCode() }))
      assert.equal(tokens.claims()['cognito:username'], username)
    }
    // Too many wrong codes: from the beginning.
    let page = await signIn(await begin(config), 'mateo')
    for (let wrong = 0; wrong < 5; wrong += 1) page = await page.submit({ code: '00000000' })
    assert.equal(page.title, 'Sign in')

    const choosing = await begin(config)
    const choice = await signIn(choosing, 'sven')
    assert.equal(choice.title, 'Choose where the code comes from')
    const code = await choice.submit({ factor: 'EMAIL_OTP' })
    await exchange(choosing, await code.submit({ code: await newestCode() }))

    const begun = await begin(config)
    const fresh = await signIn(begun, 'ben')
    assert.equal(fresh.title, 'Choose a new password')
    const short = await fresh.submit({ new_password: 'short', 'userAttributes.name': 'Ben Okafor' })
    assert.match(short.alert, /Password did not conform with policy/)
    const done = await short.submit({ new_password: 'Brand-New-27', 'userAttributes.name': 'Ben Okafor' })
    assert.equal((await exchange(begun, done)).claims().name, 'Ben Okafor')

    // The same words for a wrong password and for nobody.
    const form = await new Browser().open((await begin(config, { login_hint: 'ai"ko' })).address)
    assert.ok(form.html.includes('value="ai&quot;ko"'))
    for (const username of ['aiko', 'nobody']) {
      const wrong = await form.submit({ username, password: 'wrong', by: 'password' })
      assert.equal(wrong.alert, 'Incorrect username or password.')
    }
    const japanese = await new Browser().open((await begin(config, { lang: 'ja' })).address)
    assert.equal(japanese.title, 'サインイン')
    assert.match(japanese.html, /<html lang="ja">/)
  },

  async federation() {
    const config = await discover('devbrowser')
    for (const [more, provider, address, name, type] of [
      [{ identity_provider: 'Google' }, 'Google', 'xavier@example.com', undefined, 'Google'],
      [{ idp_identifier: 'example.com', prompt: 'select_account' }, 'Corporate', 'New.One@example.com', 'New One', 'SAML'],
    ]) {
      const browser = new Browser()
      const begun = await begin(config, { ...more, login_hint: address })
      const consent = await browser.open(begun.address)
      assert.equal(consent.title, provider)
      assert.ok(consent.html.includes(`value="${address}"`))
      const tokens = await exchange(begun, await consent.submit({ by: 'consent', name: name ?? '' }))
      const claims = tokens.claims()
      const [identity] = claims.identities
      assert.deepEqual(
        { ...identity, dateCreated: typeof identity.dateCreated },
        {
          userId: identity.userId,
          providerName: provider,
          providerType: type,
          issuer: null,
          primary: 'true',
          dateCreated: 'string',
        },
      )
      assert.equal(claims['cognito:username'], `${provider}_${identity.userId}`.toLowerCase())
      assert.deepEqual(claims['cognito:groups'], [`us-east-1_DevPool_${provider}`])
      assert.deepEqual([claims.email, claims.name], [address, name ?? 'Xavier Lopez'])
      const me = await operation('GetUser', { AccessToken: tokens.access_token })
      assert.equal(JSON.parse(me.UserAttributes.find(({ Name }) => Name === 'identities').Value)[0].primary, true)

      // The same person is the same user, and the session is good for this provider but for no other.
      const link = await browser.open((await begin(config, more)).address)
      assert.equal(link instanceof URL, more.prompt === undefined)
      const elsewhere = await browser.open((await begin(config, { identity_provider: 'COGNITO', prompt: 'none' })).address)
      assert.equal(elsewhere.searchParams.get('error'), 'login_required')
      const anew = await begin(config, more)
      const second = await exchange(anew, await (await new Browser().open(anew.address)).submit({ by: 'consent', email: address }))
      assert.equal(second.claims().sub, claims.sub)
      assert.equal(second.claims().name, name ?? 'Xavier Lopez')
    }
    const begun = await begin(config)
    const form = await new Browser().open(begun.address)
    const [, way] = /<a href="([^"]*identity_provider=Google)">/.exec(form.html)
    const consent = await form.browser.open(new URL(unescape(way), form.address))
    const denied = await thrown(exchange(begun, await consent.submit({ by: 'deny' })))
    assert.equal(denied.error, 'access_denied')
    assert.ok(denied.error_description)
    // Nobody comes in by a password that way.
    const { username } = pool.users.find((user) => user.provider === 'Google')
    const page = await new Browser().open((await begin(config)).address)
    assert.equal((await page.submit({ username, password: 'x', by: 'password' })).alert, 'Incorrect username or password.')
  },

  async passkeys() {
    const config = await discover('devbrowser')
    const offered = async (username) => {
      const begun = await begin(config)
      const page = await (await new Browser().open(begun.address)).submit({ username, by: 'passkey' })
      assert.equal(page.title, 'Use your passkey')
      return { begun, page }
    }
    const { begun, page } = await offered('zita')
    const refusal = await page.submit({ by: 'refuse' })
    assert.equal(refusal.alert, 'The passkey was not accepted.')
    assert.equal(refusal.title, 'Sign in')
    const used = await refusal.submit({ username: 'zita', by: 'passkey' })
    const callback = await used.submit({ by: 'use' })
    assert.equal((await exchange(begun, callback)).claims()['cognito:username'], 'zita')
    for (const username of ['aiko', 'nobody']) {
      const { page } = await offered(username)
      assert.equal((await page.submit({ by: 'use' })).alert, 'The passkey was not accepted.')
    }
    await control('managed_login', { passkeys_refuse: true })
    assert.equal((await (await offered('zita')).page.submit({ by: 'use' })).alert, 'The passkey was not accepted.')
    await control('managed_login', { passkeys_refuse: false })

    // Registration, in the session of a browser; without one nobody is asked to sign in.
    const where = { client_id: 'devbrowser', redirect_uri: LINK }
    const registration = `${pool.endpoint}/passkeys/add?${new URLSearchParams(where)}`
    assert.equal((await new Browser().open(registration)).href, `${LINK}?result=invalid_session`)
    for (const [name, error] of [['client_id', 'invalid_request'], ['redirect_uri', 'invalid_request']]) {
      const { [name]: _, ...rest } = where
      const page = await new Browser().open(`${pool.endpoint}/passkeys/add?${new URLSearchParams(rest)}`)
      assert.deepEqual([page.status, page.alert], [400, error])
    }
    const elsewhere = new URLSearchParams({ ...where, redirect_uri: 'https://evil.example' })
    assert.equal((await new Browser().open(`${pool.endpoint}/passkeys/add?${elsewhere}`)).alert, 'redirect_mismatch')

    const browser = new Browser()
    const first = await begin(config)
    const { access_token: AccessToken } = await exchange(first, await signIn(first, 'aiko', browser))
    const kept = async () => (await operation('ListWebAuthnCredentials', { AccessToken })).Credentials
    const asks = await browser.open(registration)
    assert.equal(asks.title, 'Add a passkey')
    assert.equal((await asks.submit({ by: 'refuse' })).href, `${LINK}?result=cancelled`)
    assert.equal((await asks.submit({ by: 'use', _csrf: 'x' })).status, 403)
    await control('managed_login', { passkeys_refuse: true })
    const again = await asks.submit({ by: 'use' })
    assert.deepEqual([again.title, again.alert], ['Add a passkey', 'The passkey was not accepted.'])
    await control('managed_login', { passkeys_refuse: false })
    assert.deepEqual(await kept(), [])
    assert.equal((await again.submit({ by: 'use' })).href, `${LINK}?result=success`)
    const [passkey, ...others] = await kept()
    assert.deepEqual([passkey.RelyingPartyId, others], ['localhost', []])
    // It is one to sign in by, until it is taken away.
    const byPasskey = await offered('aiko')
    const tokens = await exchange(byPasskey.begun, await byPasskey.page.submit({ by: 'use' }))
    assert.equal(tokens.claims()['cognito:username'], 'aiko')
    assert.deepEqual(await operation('DeleteWebAuthnCredential', { AccessToken, CredentialId: passkey.CredentialId }), {})
    assert.equal((await (await offered('aiko')).page.submit({ by: 'use' })).alert, 'The passkey was not accepted.')

    // A provider's user has no use for one here, and a browser's session ends.
    const theirs = new Browser()
    const google = await theirs.open((await begin(config, { identity_provider: 'Google' })).address)
    assert.ok((await google.submit({ email: 'xavier@example.com', by: 'consent' })).searchParams.has('code'))
    assert.equal((await theirs.open(registration)).href, `${LINK}?result=invalid_session`)
    await clock(3601)
    assert.equal((await browser.open(registration)).href, `${LINK}?result=invalid_session`)
  },

  async single_sign_on() {
    const config = await discover('devbrowser')
    const browser = new Browser()
    const none = () => begin(config, { prompt: 'none' })
    const unknown = await none()
    await refused(exchange(unknown, await browser.open(unknown.address)), 'login_required')
    const first = await begin(config)
    const begun = await exchange(first, await signIn(first, 'aiko', browser))

    await clock(3000)
    for (const more of [{}, { prompt: 'none' }, { identity_provider: 'COGNITO' }, { prompt: 'select_account' }]) {
      const next = await begin(config, more)
      const tokens = await exchange(next, await browser.open(next.address))
      // By when the user signed in, not by when the code was given.
      assert.equal(tokens.claims().auth_time, begun.claims().auth_time)
    }
    // Another client of the pool, too.
    const other = await begin(await discover('devbrowserbare'), { scope: 'openid' })
    await exchange(other, await browser.open(other.address))
    assert.equal((await browser.open((await begin(config, { prompt: 'login' })).address)).title, 'Sign in')
    assert.equal((await browser.open((await begin(config, { identity_provider: 'Google' })).address)).title, 'Google')
    assert.equal((await new Browser().open((await begin(config)).address)).title, 'Sign in')

    // Using it has not lengthened it.
    await clock(3601)
    const late = await none()
    await refused(exchange(late, await browser.open(late.address)), 'login_required')
    await clock(0)

    // Signing out everywhere ends it, and it is listed beside what was begun through it.
    const again = await begin(config)
    const { access_token: AccessToken } = await exchange(again, await signIn(again, 'aiko', browser))
    const { Sessions } = await operation('ListUserSessions', { AccessToken })
    const own = Sessions.find(({ IsCurrentSession }) => IsCurrentSession)
    const sso = Sessions.filter(({ SessionType }) => SessionType === 'SSO')
    assert.ok(sso.some(({ SessionId }) => SessionId === own.OriginSessionId))
    const revoked = await operation('RevokeUserSession', { AccessToken, SessionId: own.OriginSessionId })
    assert.deepEqual(revoked, {})
    assert.equal((await browser.open((await begin(config)).address)).title, 'Sign in')
    const third = await begin(config)
    const tokens = await exchange(third, await signIn(third, 'aiko', browser))
    await operation('GlobalSignOut', { AccessToken: tokens.access_token })
    await refused(openid.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
    assert.equal((await browser.open((await begin(config)).address)).title, 'Sign in')

    // Away to sign in anew.
    const query = new URL((await begin(config)).address).search
    const anew = await browser.open(`${pool.endpoint}/logout${query}`)
    assert.equal(anew.title, 'Sign in')
    assert.ok((await anew.submit(password('aiko'))).searchParams.has('code'))
    await control('user', { username: 'aiko', enabled: false })
    assert.equal((await browser.open((await begin(config)).address)).title, 'Sign in')
  },

  async prompts() {
    const config = await discover('devbrowser')
    const browser = new Browser()
    // The client itself measures how long ago somebody signed in, by the clock of this machine.
    const fresh = (begun, callback) => exchange({ ...begun, checks: { ...begun.checks, maxAge: 60 } }, callback)
    const silently = async (more = {}) => {
      const begun = await begin(config, more)
      return [begun, await browser.open(begun.address)]
    }
    const authTime = async (more) => (await exchange(...(await silently(more)))).claims().auth_time

    await clock(-3000)
    const first = await begin(config)
    const before = (await exchange(first, await signIn(first, 'aiko', browser))).claims()
    await clock(0)
    // A session that goes on tells when it began, whatever a provider would be asked for.
    for (const prompt of ['', 'none', 'select_account', 'consent', 'select_account consent']) {
      assert.equal(await authTime({ prompt }), before.auth_time, prompt)
      assert.match(await why(fresh(...(await silently({ prompt })))), /too much time has elapsed/)
    }

    // Asked again; the session is untouched until somebody has signed in.
    const cookie = browser.cookies.get('cognito')
    const again = await begin(config, { prompt: 'login', login_hint: 'aiko' })
    const page = await browser.open(again.address)
    assert.equal(page.title, 'Sign in')
    assert.match(page.html, /id="username"[^>]* value="aiko"/)
    assert.equal((await page.submit({ ...password('aiko'), password: 'wrong' })).title, 'Sign in')
    assert.equal(browser.cookies.get('cognito'), cookie)
    assert.equal(await authTime(), before.auth_time)
    const tokens = await fresh(again, await page.submit(password('aiko')))
    const after = tokens.claims()
    assert.equal(after.sub, before.sub)
    assert.ok(after.auth_time >= before.auth_time + 3000)
    assert.equal(jose.decodeJwt(tokens.access_token).auth_time, after.auth_time)
    assert.notEqual(browser.cookies.get('cognito'), cookie)
    for (const prompt of ['', 'none']) assert.equal(await authTime({ prompt }), after.auth_time, prompt)
    assert.equal((await openid.refreshTokenGrant(config, tokens.refresh_token)).claims().auth_time, after.auth_time)
    // By a passkey, and with a second factor; whoever it is, the browser is theirs from then on.
    const asked = async () => {
      const begun = await begin(config, { prompt: 'login consent' })
      return [begun, await browser.open(begun.address)]
    }
    const [byPasskey, choice] = await asked()
    const passkey = await choice.submit({ username: 'zita', by: 'passkey' })
    const zita = (await fresh(byPasskey, await passkey.submit({ by: 'use' }))).claims()
    assert.notEqual(zita.sub, before.sub)
    const [byCode, form] = await asked()
    const code = await form.submit(password('yara'))
    assert.equal(code.title, 'Enter the code')
    assert.equal((await exchange(...(await silently()))).claims().sub, zita.sub)
    const yara = (await fresh(byCode, await code.submit({ code: await newestCode() }))).claims()
    assert.equal((await exchange(...(await silently({ prompt: 'none' })))).claims().sub, yara.sub)

    // The classic hosted UI asks nobody again, whatever it is told, and has neither passkeys nor languages.
    await clock(-3000)
    const old = new Browser()
    const begun = await begin(config)
    const { auth_time } = (await exchange(begun, await signIn(begun, 'aiko', old))).claims()
    await clock(0)
    await control('managed_login', { classic: true })
    const deaf = await begin(config, { prompt: 'login' })
    const callback = await old.open(deaf.address)
    assert.match(await why(fresh(deaf, callback)), /too much time has elapsed/)
    assert.equal((await exchange(...(await silently({ prompt: 'nothing' })))).claims().sub, yara.sub)
    const plain = await new Browser().open((await begin(config, { prompt: 'none', lang: 'ja' })).address)
    assert.equal(plain.title, 'Sign in')
    assert.doesNotMatch(plain.html, /passkey/)
    assert.equal((await plain.submit({ username: 'zita', by: 'passkey' })).alert, 'Incorrect username or password.')
    const where = new URLSearchParams({ client_id: 'devbrowser', redirect_uri: LINK })
    assert.equal((await old.open(`${pool.endpoint}/passkeys/add?${where}`)).status, 400)
    await control('managed_login', { classic: false })
    const anew = await begin(config, { prompt: 'login' })
    const renewed = await fresh(anew, await (await old.open(anew.address)).submit(password('aiko')))
    assert.ok(renewed.claims().auth_time >= auth_time + 3000)

    // A provider is told all but none, and asks for itself.
    for (const prompt of ['login', 'consent', 'select_account', 'login select_account']) {
      const site = await browser.open((await begin(config, { prompt, identity_provider: 'Google' })).address)
      assert.equal(site.title, 'Google')
      assert.deepEqual([...site.html.matchAll(/prompt: (\w+)/g)].map(([, name]) => name), prompt.split(' '))
    }
    await refused(exchange(...(await silently({ prompt: 'none', identity_provider: 'Google' }))), 'login_required')
    await clock(-3000)
    const google = { identity_provider: 'Google' }
    const consent = async (more) => {
      const begun = await begin(config, { ...google, ...more })
      return [begun, await (await browser.open(begun.address)).submit({ email: 'xavier@example.com', by: 'consent' })]
    }
    const there = (await exchange(...(await consent()))).claims()
    await clock(0)
    for (const more of [{}, google, { ...google, prompt: 'none' }]) assert.equal(await authTime(more), there.auth_time)
    await refused(exchange(...(await silently({ prompt: 'none', identity_provider: 'COGNITO' }))), 'login_required')
    for (const prompt of ['select_account', 'login']) {
      const chosen = (await fresh(...(await consent({ prompt })))).claims()
      assert.equal(chosen.sub, there.sub)
      assert.ok(chosen.auth_time >= there.auth_time + 3000, prompt)
    }
  },

  async foreign_answers() {
    const config = await discover('devbrowser')
    const callback = async (more) => {
      const begun = await begin(config, more)
      return [begun, await signIn(begun)]
    }
    const [stateless, without] = await callback({ state: '' })
    assert.ok(!without.searchParams.has('state'))
    assert.match(await why(exchange(stateless, without)), /response parameter "state" missing/)
    const [one] = await callback()
    const [, another] = await callback()
    assert.match(await why(exchange(one, another)), /unexpected "state"/)
    // The state is right, the code is another sign-in's.
    another.searchParams.set('state', one.checks.expectedState)
    await refused(exchange(one, another), 'invalid_grant')
    const [begun, own] = await callback({ nonce: 'another' })
    assert.match(await why(exchange(begun, own)), /nonce/)
  },

  async wrong_exchanges() {
    const config = await discover('devbrowser')
    const given = async (more) => {
      const begun = await begin(config, more)
      const code = (await signIn(begun)).searchParams.get('code')
      const form = { grant_type: 'authorization_code', client_id: 'devbrowser', code, redirect_uri: LINK }
      return { ...form, code_verifier: begun.checks.pkceCodeVerifier }
    }
    const error = async (form, headers) => {
      const [status, body] = await token(form, headers)
      assert.equal(status, 400, JSON.stringify(body))
      return body.error
    }
    // A verifier that does not fit uses the code up.
    const pkce = await given()
    assert.equal(await error({ ...pkce, code_verifier: openid.randomPKCECodeVerifier() }), 'invalid_grant')
    assert.equal(await error(pkce), 'invalid_grant')
    const { code_verifier: _, ...bare } = await given()
    assert.equal(await error(bare), 'invalid_request')
    const unasked = await given({ code_challenge: '', code_challenge_method: '' })
    assert.equal(await error(unasked), 'invalid_grant')

    // A code that is used again ends what it began.
    const twice = await given()
    const [status, tokens] = await token(twice)
    assert.equal(status, 200)
    assert.equal((await operation('GetUser', { AccessToken: tokens.access_token })).Username, 'aiko')
    assert.equal(await error(twice), 'invalid_grant')
    assert.match((await operation('GetUser', { AccessToken: tokens.access_token })).message, /revoked/)
    await refused(openid.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')

    // Another client gets nothing for it, and does not use it up.
    const theirs = await given()
    assert.equal(await error({ ...theirs, client_id: 'devbrowserbare' }), 'invalid_grant')
    assert.equal((await token(theirs))[0], 200)

    const late = await given()
    await clock(301)
    assert.equal(await error(late), 'invalid_grant')
    await clock(0)
    const early = await given()
    await clock(290)
    assert.equal((await token(early))[0], 200)
    await clock(0)

    assert.equal(await error({ ...(await given()), redirect_uri: 'http://127.0.0.1:19274/callback' }), 'invalid_grant')
    assert.equal(await error({ ...(await given()), redirect_uri: `${LINK}/` }), 'unauthorized_client')
    assert.equal(await error({ ...(await given()), code: 'unknown' }), 'invalid_grant')
    for (const missing of ['code', 'redirect_uri', 'grant_type', 'client_id']) {
      const { [missing]: _, ...form } = await given()
      assert.equal(await error(form), 'invalid_request', missing)
    }
    const code = await given()
    assert.equal(await error([...Object.entries(code), ['code', code.code]]), 'invalid_request')
    assert.equal(await error({ ...code, grant_type: 'password' }), 'unsupported_grant_type')
    assert.equal(await error({ ...code, grant_type: 'client_credentials' }), 'unauthorized_client')
    assert.equal(await error({ ...code, client_id: 'nobody' }), 'invalid_client')
    assert.equal(await error({ ...code, client_id: 'devdesktop' }), 'unauthorized_client')
    assert.equal(await error({ ...code, client_secret: 'needless' }), 'invalid_client')
    assert.equal(await error({ grant_type: 'refresh_token', client_id: 'devbrowser' }), 'invalid_request')
    const authorization = `Basic ${btoa('devbrowserbare:')}`
    assert.equal(await error(code, { authorization }), 'invalid_request')
    assert.equal(await error(code, { 'content-type': 'application/json' }), 'invalid_request')
    assert.equal((await token(code))[0], 200, 'none of that has used it up')
    const disabled = await given()
    await control('user', { username: 'aiko', enabled: false })
    assert.equal(await error(disabled), 'invalid_grant')
  },

  async forgeries() {
    const config = await discover('devbrowser')
    const meets = async (step) => {
      const begun = await begin(config)
      const callback = await signIn(begun)
      await script('token', step)
      return exchange(begun, callback)
    }
    for (const [word, words] of Object.entries({
      aud: 'unexpected JWT "aud" (audience) claim value',
      iss: 'unexpected JWT "iss" (issuer) claim value',
      expired: 'unexpected JWT "exp" (expiration time) claim value',
      nonce: 'unexpected ID Token "nonce" claim value',
      'no-nonce': 'JWT "nonce" (nonce) claim missing',
      none: 'unexpected JWT "alg" header parameter',
      hs256: 'unexpected JWT "alg" header parameter',
      kid: 'no applicable keys found',
      key: 'JWT signature verification failed',
      tampered: 'JWT signature verification failed',
      'no-id-token': '"id_token" property must be a string',
    })) {
      const told = await why(meets(`forge ${word}`))
      assert.ok(told.includes(words), `${word}: ${told}`)
    }
    // Who asks how long ago it was is told a lie, or nothing.
    for (const [word, words] of [
      ['auth_time', 'too much time has elapsed since the last End-User authentication'],
      ['no-auth_time', 'JWT "auth_time" (authentication time) claim missing'],
    ]) {
      const begun = await begin(config)
      const callback = await signIn(begun)
      await script('token', `forge ${word}`)
      const told = await why(exchange({ ...begun, checks: { ...begun.checks, maxAge: 600 } }, callback))
      assert.ok(told.includes(words), `${word}: ${told}`)
    }
    // What this client does not look at.
    const parts = async (word) => {
      const tokens = await meets(`forge ${word}`)
      return [jose.decodeJwt(tokens.id_token), jose.decodeJwt(tokens.access_token), tokens.access_token]
    }
    const [sub, access] = await parts('sub')
    assert.notEqual(sub.sub, access.sub)
    assert.equal((await parts('token_use'))[0].token_use, 'access')
    assert.equal((await parts('client_id'))[1].client_id, 'somebodyelses')
    const [hashed, , beside] = await parts('at_hash')
    assert.notEqual(hashed.at_hash, await hashOf(beside))
    assert.equal((await meets('ok')).claims()['cognito:username'], 'aiko')
    // Native sign-in and renewals as well.
    const tokens = await meets('ok')
    await script('GetTokensFromRefreshToken', 'forge aud')
    const renewed = await operation('GetTokensFromRefreshToken', { ClientId: 'devbrowser', RefreshToken: tokens.refresh_token })
    assert.equal(jose.decodeJwt(renewed.AuthenticationResult.IdToken).aud, 'somebodyelses')

    const before = performance.now()
    await meets('slow 400ms')
    assert.ok(performance.now() - before >= 400)
    assert.equal((await thrown(meets('503'))).cause.status, 503)
    const error = { type: 'invalid_grant', message: 'as the script says' }
    const problem = await refused(meets({ error }), 'invalid_grant')
    assert.equal(problem.error_description, error.message)
  },

  async key_rotation() {
    const config = await discover('devbrowser')
    const first = await begin(config)
    const before = await exchange(first, await signIn(first))
    const keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri), { cooldownDuration: 0 })
    await jose.jwtVerify(before.id_token, keys)
    await control('key', {})
    // A client that has just read the set waits before it reads it again; one that has not finds the new key.
    const second = await begin(await discover('devbrowser'))
    const { id_token } = await exchange(second, await signIn(second))
    assert.notEqual(jose.decodeProtectedHeader(id_token).kid, jose.decodeProtectedHeader(before.id_token).kid)
    await jose.jwtVerify(id_token, keys)
    await jose.jwtVerify(before.id_token, keys)
    assert.equal((await operation('GetUser', { AccessToken: before.access_token })).Username, 'aiko')
  },

  async scopes() {
    const config = await discover('devbrowser')
    const withScope = async (scope, own = config, username = 'aiko') => {
      const begun = await begin(own, { scope })
      if (scope === ACCOUNT) delete begun.checks.expectedNonce
      return exchange(begun, await signIn(begun, username))
    }
    const missing = 'Access Token does not have required scopes'
    const bare = await discover('devbrowserbare')
    for (const tokens of [await withScope('openid email', bare), await withScope('openid email')]) {
      assert.equal((await operation('GetUser', { AccessToken: tokens.access_token })).message, missing)
      const refusal = await operation('GlobalSignOut', { AccessToken: tokens.access_token })
      assert.deepEqual(refusal, { __type: 'NotAuthorizedException', message: missing })
      const claims = tokens.claims()
      assert.deepEqual([claims.email, claims.name], ['aiko@example.com', undefined])
      const info = await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
      assert.deepEqual(Object.keys(info).sort(), ['email', 'email_verified', 'sub', 'username'])
    }
    const all = await withScope('openid')
    assert.equal(all.claims().name, 'Aiko Tanaka')
    assert.equal((await openid.fetchUserInfo(config, all.access_token, all.claims().sub)).name, 'Aiko Tanaka')
    const phone = (await withScope('openid phone', config, 'nora')).claims()
    assert.deepEqual([phone.phone_number, phone.phone_number_verified, phone.email], ['+15550001234', true, undefined])
    // Without openid: no id token, and nothing about the user.
    const account = await withScope(ACCOUNT)
    assert.equal(account.id_token, undefined)
    assert.equal((await operation('GetUser', { AccessToken: account.access_token })).Username, 'aiko')
    const problem = await thrown(openid.fetchUserInfo(config, account.access_token, 'x'))
    assert.equal(problem.status, 401)
    for (const scope of [`openid ${ACCOUNT}`, 'openid tea/read']) {
      const begun = await begin(bare, { scope })
      await refused(exchange(begun, await new Browser().open(begun.address)), 'invalid_scope')
    }
    // None asked for is all that the client has.
    assert.equal(jose.decodeJwt((await withScope('', bare)).access_token).scope, 'openid email phone profile')
    const resource = await begin(config, { resource: 'https://tea.example/api' })
    const tokens = await exchange(resource, await signIn(resource))
    assert.equal(jose.decodeJwt(tokens.access_token).aud, 'https://tea.example/api')
  },
}

await scenarios[scenario]()
console.log(`passed ${scenario}`)
