// An identity provider as people run it (oidc-provider), whose keys tenantd finds by discovery: it rotates them under load,
// and goes away.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { hangUp, holds, need, until } from './cases.mjs'

const modules = createRequire(need('CLIENT_MODULES'))
const load = async (name) => import(pathToFileURL(modules.resolve(name)))
const { exportJWK, generateKeyPair } = await load('jose')
const { default: Provider } = await load('oidc-provider')
const url = need('CLIENT_URL'), stack = need('CLIENT_STACK')

let provider // the one that answers now
const server = createServer((question, answer) => provider.callback()(question, answer))
await new Promise((done) => server.listen(0, '127.0.0.1', done))
const issuer = `http://127.0.0.1:${server.address().port}`

async function newKey(kid) {
	const { privateKey } = await generateKeyPair('ES256', { extractable: true })
	return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' }
}

// The provider with these keys; it signs with the first.
function publish(...keys) {
	provider = new Provider(issuer, {
		jwks: { keys },
		clients: [{ client_id: 'machine', client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [],
			response_types: [] }],
		clientAuthMethods: ['client_secret_post'],
		clientDefaults: { id_token_signed_response_alg: 'ES256', token_endpoint_auth_method: 'client_secret_post' },
		features: {
			clientCredentials: { enabled: true },
			devInteractions: { enabled: false },
			resourceIndicators: {
				enabled: true,
				defaultResource: () => 'urn:tenantd',
				getResourceServerInfo: () => ({ scope: '', audience: 'tenantd', accessTokenFormat: 'jwt',
					jwt: { sign: { alg: 'ES256' } } }),
			},
		},
	})
}

async function token() {
	const answer = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams({
		grant_type: 'client_credentials', client_id: 'machine', client_secret: 'secret' }) })
	const json = await answer.json()
	assert.equal(answer.status, 200, JSON.stringify(json))
	return json.access_token
}

const status = async (bearer) => (await fetch(`${url}/v1/auth/me`,
	{ headers: { Authorization: `Bearer ${bearer}`, 'X-Env': 'dev' } })).status
const taken = (bearer) => async () => (await status(bearer)) === 200
const refused = (bearer) => async () => (await status(bearer)) === 401

const first = await newKey('first'), second = await newKey('second')
let old, young

await holds('tenantd finds the keys of a provider by its name', async () => {
	publish(first)
	old = await token()
	assert.equal(await status(old), 401)
	appendFileSync(`${stack}/tenantd.ini`, ['', '[auth]', 'jwks_pause = 2', '[issuer.oidc]', `issuer = ${issuer}`,
		'audience = tenantd', 'algorithms = ES256', 'discovery = on', `jwks_file = ${stack}/oidc.jwks.json`, ''].join('\n'))
	hangUp()
	await until(taken(old))
})

await holds('the provider rotates its keys, and no request with a good token fails', async () => {
	let going = true, asked = 0
	const failures = []
	const use = async (bearer) => {
		while (going) {
			const got = await status(bearer)
			if (got !== 200) failures.push(got)
			asked++
		}
	}
	const users = [use(old), use(old)]
	publish(second, first)
	young = await token()
	await until(taken(young))
	users.push(use(young))
	going = false
	await Promise.all(users)
	assert.deepEqual(failures, [])
	assert.ok(asked > 20, `${asked} requests`)
})

await holds('tokens of a key that the provider took back are refused', async () => {
	publish(second)
	const header = Buffer.from('{"alg":"ES256","kid":"nobody"}').toString('base64url')
	const unknown = [header, ...young.split('.').slice(1)].join('.')
	await until(async () => (await refused(unknown)()) && (await refused(old)()))
	assert.equal(await status(young), 200)
})

await holds('the provider goes away, and its tokens stay good', async () => {
	await new Promise((done) => {
		server.close(done)
		server.closeAllConnections()
	})
	hangUp()
	await until(taken(young), 60)
	assert.equal(await status(old), 401)
})

const doctor = () => spawnSync('./dev', ['--dir', stack, 'ctl', 'doctor'], { encoding: 'utf8' }).stdout

await holds('doctor says how old the set is', async () => {
	assert.match(doctor(), /^ok {4}keys fetched from issuers: oidc \d+ s ago$/m)
})

// T7: whoever can answer in the place of a provider has a certificate that nobody vouches for.
await holds('a provider whose certificate is not good is not believed', async () => {
	const [key, cert] = [`${stack}/self.key`, `${stack}/self.crt`]
	execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
		'-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' })
	let asked = 0
	const impostor = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, answer) => {
		asked++
		answer.end('{}')
	})
	await new Promise((done) => impostor.listen(0, '127.0.0.1', done))
	appendFileSync(`${stack}/tenantd.ini`, ['', '[issuer.impostor]', `issuer = https://localhost:${impostor.address().port}`,
		'audience = tenantd', 'algorithms = ES256', 'discovery = on', `jwks_file = ${stack}/impostor.jwks.json`, ''].join('\n'))
	hangUp()
	const told = () => readFileSync(`${stack}/log/tenantd.log`, 'utf8').split('\n').filter((line) =>
		line.includes('keys.not_fetched') && line.includes('impostor'))
	await until(() => told().length > 0, 1)
	assert.match(told()[0], /certificate/)
	assert.equal(asked, 0)
	assert.match(doctor(), /^FAIL {2}keys fetched from issuers: oidc \d+ s ago, impostor never: /m)
	impostor.close()
})
