// The pictures of docs/console.md: the main pages as the people of the seeded stack see them, in light and dark and on a
// phone. CONSOLE_PICTURES names the folder. tests/console/run --pictures calls this.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { button, closeBrowser, link, need, person, signIn } from './browser.mjs'

const folder = need('CONSOLE_PICTURES')
const seed = JSON.parse(readFileSync('contrib/seed/example.json', 'utf8'))
const DESK = { width: 1120, height: 700 }
const PHONE = { width: 390, height: 780 }

/** A browser of one of the people of the seed. */
async function seeded(email) {
	const somebody = await person({ viewport: DESK, reducedMotion: 'reduce' })
	await signIn(somebody.page, email, seed.password)
	await somebody.page.waitForURL((url) => !url.pathname.endsWith('/signin'))
	return somebody
}

async function picture(page, name, shown, path) {
	if (path) await page.goto(path)
	await shown.first().waitFor()
	for (const [kind, colorScheme, size] of [['light', 'light', DESK], ['dark', 'dark', DESK], ['phone', 'light', PHONE]]) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
		await page.setViewportSize(size)
		await page.waitForLoadState('networkidle')
		await page.screenshot({ path: join(folder, `${name}-${kind}.png`), animations: 'disabled', caret: 'hide' })
	}
	await page.setViewportSize(DESK)
}

/** What makes the pages of rows look as they do in use. */
async function fill(context) {
	const me = await (await context.request.get('/v1/auth/me')).json()
	const headers = { 'X-Tenant-ID': me.memberships.find((m) => m.slug === 'acme').tenant_id, 'Sec-Fetch-Site': 'same-origin' }
	const make = async (table, rows) => {
		const made = await context.request.post(`/v1/data/${table}`, { headers, data: rows })
		if (!made.ok()) throw new Error(`${table}: ${await made.text()}`)
		return made.json()
	}
	const profiles = await make('item_profiles', [
		['GLV-M', 'Work gloves, M', 'Safety', 82], ['DRL-18', 'Cordless drill 18 V', 'Tools', 1650], ['SCR-440', 'Wood screws 4 × 40', 'Fasteners', 410],
		['LMP-LED', 'LED work lamp', 'Light', 940], ['TAP-25', 'Measuring tape 25 m', 'Tools', 380]
	].map(([sku, name, category, weight_grams]) => ({ sku, name, category, weight_grams, description: `${name}, as the main store sells it` })))
	await make('inventory_items', profiles.flatMap((p, i) => ['Main store', 'Van 2'].map((location, j) => ({
		sku: p.sku, name: p.name, location, quantity: 3 + (i * 17 + j * 5) % 40, reorder_level: 10, price: 4.5 + i * 13.25, profile_id: p.id,
	}))))
	const state = ['succeeded', 'succeeded', 'running', 'failed', 'queued', 'succeeded', 'queued']
	await make('jobs', ['import', 'report', 'sync', 'export', 'reindex', 'report', 'sync'].map((kind, i) => ({
		kind, status: state[i], attempts: i % 3, payload: { store: i % 2 ? 'Van 2' : 'Main store' },
		run_after: new Date(Date.now() - i * 5.4e6).toISOString(), ...(state[i] === 'failed' ? { error: 'The other side closed the connection' } : {}),
	})))
	const readings = []
	for (const sensor of ['Cold room', 'Warehouse'])
		for (let hour = 0; hour < 72; hour++)
			readings.push({ sensor, celsius: Number(((sensor === 'Warehouse' ? 17 : 4) + 3 * Math.sin(hour / 5)).toFixed(1)),
				measured_at: new Date(Date.now() - hour * 3.6e6).toISOString() })
	await make('temperature_readings', readings)
}

mkdirSync(folder, { recursive: true })
const visitor = await person({ viewport: DESK, reducedMotion: 'reduce' })
await picture(visitor.page, 'sign-in', button(visitor.page, 'Sign in'), '/console/signin')

const { page, context } = await seeded('owner@acme.example')
await fill(context)
const at = (path) => `/console/t/acme/${path}`
const heading = (name) => page.getByRole('heading', { name, level: 1 })
await picture(page, 'overview', page.getByRole('img', { name: /^Activity/ }), at(''))
for (const [name, path, title] of [['members', 'members', 'Members'], ['invitations', 'invitations', 'Invitations'],
	['requests', 'requests', 'Requests'], ['audit', 'audit', 'Audit'], ['settings', 'settings', 'Settings']])
	await picture(page, name, heading(title), at(path))
await link(page, 'Inventory items').click()
await picture(page, 'rows', page.getByText('Cordless drill 18 V'))
await page.getByText('Cordless drill 18 V').first().click()
await picture(page, 'row', link(page, 'Edit'))
await link(page, 'Edit').click()
await picture(page, 'form', button(page, 'Save'))
await link(page, 'Temperature readings').click()
await button(page, 'Show a chart').click()
await picture(page, 'chart', page.getByRole('img', { name: /^Celsius/ }))

const pending = await seeded('pending@acme.example')
await picture(pending.page, 'pending', button(pending.page, 'Withdraw'))

const system = await seeded('root@system.example')
await picture(system.page, 'system', system.page.getByRole('img').first(), '/console/system')
await picture(system.page, 'tenants', system.page.getByText('Acme').first(), '/console/system/tenants')
await picture(system.page, 'users', system.page.getByText('owner@acme.example').first(), '/console/system/users')
await closeBrowser()
