// Pages of other origins in a real browser: what a listed one may do and read, and that a stranger reads and changes
// nothing. A web server here gives both their page; the browser takes both names for it. tests/client/run sets it up.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { holds, need } from './cases.mjs'

const url = need('CLIENT_URL')
const token = need('CLIENT_TOKEN')
const listed = need('CLIENT_ORIGIN')
const stranger = 'http://stranger.example'
const PATIENCE_MS = 60000

// postgrest-js as one script. Its files are CommonJS, which a browser does not read; the fetch is the browser's own.
function postgrest() {
	const folder = join(need('CLIENT_MODULES'), 'node_modules/@supabase/postgrest-js/dist/cjs')
	const modules = readdirSync(folder)
		.filter((name) => name.endsWith('.js'))
		.map((name) => `${JSON.stringify(basename(name, '.js'))}(module, exports, require) {\n${readFileSync(join(folder, name))}\n}`)
	return `const modules = {${modules.join(',\n')}}, made = { 'node-fetch': { default: window.fetch } }
		function require(name) {
			name = name.split('/').pop()
			if (!made[name]) {
				const module = { exports: (made[name] = {}) }
				modules[name](module, module.exports, require)
				made[name] = module.exports
			}
			return made[name]
		}
		window.PostgrestClient = require('index').PostgrestClient`
}

// This function runs in the page. What a fetch brought, or that the browser kept it from the page.
async function visit(url, token) {
	const facts = {}
	const ask = async (name, target, init = {}) => {
		const headers = { Authorization: `Bearer ${token}`, ...init.headers }
		try {
			const r = await fetch(url + target, { ...init, headers })
			facts[name] = { status: r.status, headers: Object.fromEntries(r.headers), body: await r.text() }
		} catch (e) {
			facts[name] = { kept: e.name }
		}
		return facts[name]
	}
	const json = { 'Content-Type': 'application/json' }
	const notes = '/v1/data/client_notes'
	await ask('me', '/v1/auth/me')
	await ask('refused', '/v1/auth/me', { headers: { Authorization: 'Bearer none' } })
	await ask('missing', '/v1/data/nothing')
	const made = await ask('made', notes, {
		method: 'POST', headers: { ...json, 'Idempotency-Key': `page-${Math.random()}`, Prefer: 'tx=commit, return=representation' },
		body: JSON.stringify({ title: `from ${location.host}` }),
	})
	const row = made.headers?.location ?? `${notes}/33333333-3333-4333-8333-333333333333`
	await ask('changed', row, { method: 'PATCH', headers: { ...json, 'If-Match': made.headers?.etag }, body: '{"done":true}' })
	await ask('page', `${notes}?limit=1`, { headers: { Prefer: 'count=exact', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` } })
	await ask('removed', row, { method: 'DELETE' })
	await ask('deprecated', '/v1/tenant', { headers: { 'X-Tenant-ID': JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).app_metadata.tenant_id } })
	await ask('foreign header', '/v1/auth/me', { headers: { 'X-Forwarded-For': '10.0.0.1' } })
	await ask('credentials', '/v1/auth/me', { credentials: 'include' })
	await ask('blind', '/v1/auth/me', { mode: 'no-cors' })
	const client = new PostgrestClient(`${url}/v1/data`, { headers: { Authorization: `Bearer ${token}` } })
	const { data, error, count } = await client.from('client_notes').select('title', { count: 'exact' }).limit(3)
	facts.client = { data, error, count }
	await fetch('/report', { method: 'POST', body: JSON.stringify(facts) })
}

let told
const pages = createServer(async (req, res) => {
	if (req.url === '/postgrest.js') {
		res.setHeader('Content-Type', 'text/javascript')
		res.end(postgrest())
	} else if (req.url === '/report') {
		let body = ''
		for await (const piece of req) body += piece
		res.end()
		told(JSON.parse(body))
	} else if (req.url === '/') {
		res.setHeader('Content-Type', 'text/html; charset=utf-8')
		res.end(`<!doctype html><script src=/postgrest.js></script>
			<script>(${visit})(${JSON.stringify(url)}, ${JSON.stringify(token)})</script>`)
	} else {
		res.writeHead(404).end()
	}
})
await new Promise((done) => pages.listen(0, '127.0.0.1', done))

// What the page of this origin tells when it has done everything.
async function open(origin) {
	const profile = mkdtempSync(join(tmpdir(), 'tenantd-browser.'))
	const rules = [listed, stranger].map((o) => `MAP ${new URL(o).host} 127.0.0.1:${pages.address().port}`).join(', ')
	const report = new Promise((done) => (told = done))
	const browser = spawn(need('CLIENT_BROWSER'), ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
		'--disable-background-networking', '--disable-component-update', '--disable-sync', '--remote-debugging-port=0',
		`--user-data-dir=${profile}`, `--host-resolver-rules=${rules}`, `${origin}/`], { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
	let said = ''
	browser.stderr.on('data', (piece) => (said += piece))
	const ended = new Promise((done) => browser.on('exit', done))
	const patience = new Promise((_, fail) => setTimeout(fail, PATIENCE_MS, new Error('the page told nothing')).unref())
	const early = ended.then(() => { throw new Error(`the browser ended: ${said.slice(-2000)}`) })
	try {
		return await Promise.race([report, patience, early])
	} finally {
		early.catch(() => {})
		process.kill(-browser.pid, 'SIGKILL') // the browser's processes are a group of their own
		await ended
		rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
	}
}

const titles = async () => {
	const r = await fetch(`${url}/v1/data/client_notes?select=title`, { headers: { Authorization: `Bearer ${token}` } })
	return (await r.json()).map((row) => row.title)
}

let facts = {}
await holds('a page of a listed origin does all that it came for', async () => {
	facts = await open(listed)
	assert.equal(facts.me.status, 200)
	assert.equal(facts.made.status, 201)
	assert.equal(facts.changed.status, 200)
	assert.equal(facts.removed.status, 204)
})
await holds('it reads the headers of the answers', () => {
	assert.match(facts.made.headers.location, /^\/v1\/data\/client_notes\//)
	assert.match(facts.made.headers.etag, /^"1-\d+"$/)
	assert.match(facts.made.headers['preference-applied'], /return=representation/)
	assert.match(facts.page.headers['content-range'], /^(\*|0-0)\/\d+$/)
	assert.match(facts.page.headers.traceparent, /^00-1{32}-/)
	assert.match(facts.deprecated.headers.deprecation, /^@\d+$/)
})
await holds('it reads why it was refused', () => {
	assert.equal(facts.refused.status, 401)
	assert.equal(JSON.parse(facts.refused.body).code, 'unauthenticated')
	assert.equal(facts.refused.headers['www-authenticate'], 'Bearer')
	assert.equal(facts.missing.status, 404)
	assert.equal(JSON.parse(facts.missing.body).code, 'not_found')
})
await holds('postgrest-js works in it', () => {
	assert.equal(facts.client.error, null)
	assert.ok(Array.isArray(facts.client.data) && facts.client.count >= facts.client.data.length)
})
await holds('it sends neither the headers of proxies nor cookies', () => {
	assert.deepEqual(facts['foreign header'], { kept: 'TypeError' })
	assert.deepEqual(facts.credentials, { kept: 'TypeError' })
})
await holds('T124: a page of an origin that is not listed reads nothing and changes nothing', async () => {
	facts = await open(stranger)
	const { blind, client, ...others } = facts
	for (const [name, fact] of Object.entries(others)) assert.deepEqual(fact, { kept: 'TypeError' }, name)
	assert.equal(blind.status, 0)
	assert.equal(blind.body, '')
	assert.ok(client.error)
	assert.ok(!(await titles()).some((title) => title.includes('stranger')))
})
pages.closeAllConnections()
pages.close()
