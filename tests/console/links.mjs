// What the web server says of the console's files, and how much of them the pages load.
import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { holds } from '../client/cases.mjs'
import { closeBrowser, person, url } from './browser.mjs'

const SIGN_IN_MAX = 210_000
const ALL_MAX = 420_000
const get = (path, headers) => fetch(url + path, { headers })
const page = await (await get('/console/')).text()

await holds('every address of the console is its one page, with a policy that allows no script but its own', async () => {
	for (const path of ['/console', '/console/', '/console/signin', '/console/t/acme/rows/kpis?page=2', '/console/index.html', '/console/a.b/c']) {
		const answer = await get(path)
		assert.equal(answer.status, 200, path)
		assert.equal(await answer.text(), page, path)
		const policy = answer.headers.get('content-security-policy')
		assert.match(policy, /default-src 'none'; script-src 'self';/, path)
		assert.match(policy, /frame-ancestors 'none'/, path)
		assert.doesNotMatch(policy, /unsafe/, path)
		assert.equal(answer.headers.get('cache-control'), 'no-cache', path)
		assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path)
	}
	assert.doesNotMatch(page, /<script(?![^>]*\ssrc=)|<style|\son\w+=/)
})
await holds('what is built may be kept for ever, and comes packed to those who take it so', async () => {
	const script = /src="([^"]+\.js)"/.exec(page)[1]
	const plain = await get(script, { 'Accept-Encoding': 'identity' })
	const packed = await get(script, { 'Accept-Encoding': 'gzip' })
	assert.match(plain.headers.get('cache-control'), /immutable/)
	assert.equal(plain.headers.get('content-encoding'), null)
	assert.equal(packed.headers.get('content-encoding'), 'gzip')
	assert.match(packed.headers.get('content-type'), /javascript/)
	assert.equal(await packed.text(), await plain.text())
})
await holds('a file that is not there is not the page', async () => {
	assert.equal((await get('/console/assets/none.js')).status, 404)
})
await holds('the rest of the server is as it was', async () => {
	for (const path of ['/', '/consoles', '/v1/auth/me']) assert.notEqual((await get(path)).status, 200, path)
})
await holds('the sign-in page is small', async () => {
	const { page: view } = await person()
	const loaded = new Set()
	view.on('response', (r) => loaded.add(r.url()))
	await view.goto('/console/', { waitUntil: 'networkidle' })
	const size = await sizeOf(loaded)
	console.log(`# the sign-in page loads ${size} bytes`)
	assert.ok(size < SIGN_IN_MAX, String(size))
})
await holds('and so is all of it, without the charts', async () => {
	const seen = new Set()
	const queue = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => url + m[1])
	while (queue.length) {
		const next = queue.pop()
		if (seen.has(next)) continue
		seen.add(next)
		const text = await (await fetch(next)).text()
		for (const [, name] of text.matchAll(/["'`](?:\.\/|assets\/)([\w-]+\.(?:js|css))["'`]/g)) queue.push(`${url}/console/assets/${name}`)
	}
	const charts = [...seen].filter((address) => /\/charts-[^/]*$/.test(address))
	assert.equal(charts.length, 1)
	seen.delete(charts[0])
	const size = await sizeOf(seen)
	console.log(`# all ${seen.size} files are ${size} bytes, and the charts ${await sizeOf(charts)}`)
	assert.ok(seen.size > 5)
	assert.ok(size < ALL_MAX, String(size))
})
await closeBrowser()

async function sizeOf(urls) {
	let sum = 0
	for (const address of urls) sum += gzipSync(Buffer.from(await (await fetch(address)).arrayBuffer()), { level: 9 }).length
	return sum
}
