// Tokens of tenantd's own issuer, verified by jose as an application would, while its keys rotate under load.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { hangUp, holds, need, pause, until } from './cases.mjs'

const modules = createRequire(need('CLIENT_MODULES'))
const { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } = await import(pathToFileURL(modules.resolve('jose')))
const url = need('CLIENT_URL'), stack = need('CLIENT_STACK')
const PASSWORD = 'a fine long phrase'

async function ask(method, path, { body, token } = {}) {
	const headers = { 'X-Env': 'dev' }
	if (body) headers['Content-Type'] = 'application/json'
	if (token) headers.Authorization = `Bearer ${token}`
	const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
	const text = await answer.text()
	return { status: answer.status, json: text ? JSON.parse(text) : null }
}

const dev = (...words) => execFileSync('./dev', ['--dir', stack, ...words], { encoding: 'utf8' }).trim()
const key = (...words) => dev('ctl', 'keys', ...words)
const published = async () => (await ask('GET', '/.well-known/jwks.json')).json.keys.map((k) => k.kid)

// Tells the master to reload, and waits until every worker answers as `is` says, many times in a row.
async function reload(is) {
	hangUp()
	await until(is)
}

let keys, session
const verify = (token) => jwtVerify(token, keys, { issuer: url, audience: 'tenantd' })

await holds('a verifier finds the keys by discovery', async () => {
	const { status, json } = await ask('GET', '/.well-known/openid-configuration')
	assert.equal(status, 200)
	assert.equal(json.issuer, url)
	keys = createRemoteJWKSet(new URL(json.jwks_uri), { cooldownDuration: 0 })
})

await holds('the token of a sign-up verifies, and says who and where', async () => {
	const { status, json } = await ask('POST', '/v1/auth/signup',
		{ body: { email: 'jo@example.com', password: PASSWORD, name: 'Jo' } })
	assert.equal(status, 201)
	session = json
	const { payload } = await verify(json.access_token)
	assert.equal(payload.sub, json.user.id)
	assert.equal(payload.app_metadata.tenant_id, json.tenant.id)
	assert.deepEqual(payload.app_metadata.roles, ['owner'])
	assert.equal(payload.env, 'dev')
	assert.equal(payload.exp - payload.iat, json.expires_in)
})

await holds('keys rotate under load, and no request and no verification fails', async () => {
	let going = true, refreshed = 0, asked = 0, inARow = 0, young
	const failures = [], seen = new Set()
	const refresh = async () => {
		while (going) {
			const { status, json } = await ask('POST', '/v1/auth/refresh', { body: { refresh_token: session.refresh_token } })
			if (status !== 200) return failures.push(`refresh: ${status} ${JSON.stringify(json)}`)
			session = json
			const { kid } = decodeProtectedHeader(json.access_token)
			seen.add(kid)
			inARow = kid === young ? inARow + 1 : 0
			await verify(json.access_token).catch((e) => failures.push(`verify: ${e}`))
			refreshed++
			await pause(15) // a client refreshes now and then, and the limits know that
		}
	}
	const use = async () => {
		while (going) {
			const { status } = await ask('GET', '/v1/tenant', { token: session.access_token })
			if (status !== 200) failures.push(`use: ${status}`)
			asked++
		}
	}
	const load = [refresh(), use(), use()]
	const [old] = await published()
	young = key('new', '--alg', 'EdDSA')
	await reload(async () => (await published()).length === 2)
	key('activate', young)
	// Whoever has a token of the old key gets a new one before the key goes.
	await reload(async () => (await ask('GET', '/healthz')).status === 200 && inARow > 20)
	key('retire', old)
	await reload(async () => (await published()).join() === young)
	going = false
	await Promise.all(load)
	assert.deepEqual(failures, [])
	assert.deepEqual([...seen].sort(), [old, young].sort())
	assert.ok(refreshed > 20 && asked > 20, `${refreshed} refreshes, ${asked} requests`)
})

await holds('a token that was changed does not verify', async () => {
	const forged = session.access_token.split('.')
	forged[1] = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(forged[1], 'base64url')), sub: 'x' })).toString('base64url')
	await assert.rejects(verify(forged.join('.')))
})
