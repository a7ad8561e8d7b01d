// What the journeys share: a person with a browser of their own, the mail that they get, and the search for barriers.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

export function need(name) {
	const value = process.env[name]
	if (!value) throw new Error(`${name} is not set: start this with tests/console/run`)
	return value
}

const require = createRequire(need('CONSOLE_MODULES'))
const { chromium } = require('playwright-core')
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

export const url = need('CONSOLE_URL')
export const PASSWORD = 'a fine long phrase'
const shots = process.env.CONSOLE_SHOTS
export const PHONE = { width: 390, height: 780 }
/** What a browser remembers of somebody who has signed in; the session itself is a cookie. */
const SIGNED_IN = { cookies: [], origins: [{ origin: url, localStorage: [{ name: 'tenantd.session', value: 'yes' }] }] }
const PATIENCE_MS = 60000

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync']
const browser = await chromium.launch({ executablePath: need('CONSOLE_BROWSER'), args: FLAGS })
export const closeBrowser = () => browser.close()

// A refusal that a journey provokes is told by the browser as well; anything else in its console is a defect.
const isExpected = (text) => /^Failed to load resource: the server responded with a status of 4\d\d/.test(text)

/** A browser of one person. `complaints` has what its console told, and what the Content-Security-Policy refused. */
export async function person(options = {}) {
	const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce', ...options })
	const page = await context.newPage()
	page.setDefaultTimeout(PATIENCE_MS)
	watch(page)
	const complaints = []
	const foreign = []
	page.on('console', (m) => {
		if (['error', 'warning'].includes(m.type()) && !isExpected(m.text())) complaints.push(m.text())
	})
	page.on('pageerror', (e) => complaints.push(String(e)))
	page.on('request', (r) => {
		if (!r.url().startsWith(url) && !r.url().startsWith('blob:')) foreign.push(r.url())
	})
	return { context, page, complaints, foreign }
}

export const link = (page, name) => page.getByRole('link', { name, exact: true }).first()
export const button = (page, name) => page.getByRole('button', { name, exact: true })
export const field = (page, name) => page.getByLabel(name, { exact: true })

/** Finds an entry of a long list by writing a part of its name. */
export async function pick(page, label, part, name) {
	await page.getByRole('combobox', { name: label }).fill(part)
	await page.getByRole('option', { name }).click()
}

export async function signIn(page, email, password = PASSWORD) {
	await page.goto('/console/signin')
	await field(page, 'Email').fill(email)
	await field(page, 'Password').fill(password)
	await button(page, 'Sign in').click()
}

/** Asks the API as this person, for what a journey needs and is not about. */
export async function ask({ context }, method, path, data, headers = {}) {
	const answer = await context.request.fetch(path, { method, data, headers: { 'X-Env': 'dev', 'Sec-Fetch-Site': 'same-origin', ...headers } })
	if (!answer.ok()) throw new Error(`${method} ${path}: ${await answer.text()}`)
	return answer.status() === 204 ? null : answer.json()
}

/** A person who has an account and is signed in, with no page open yet. */
export async function account(email, name, options) {
	const somebody = await person({ storageState: SIGNED_IN, ...options })
	await ask(somebody, 'POST', '/v1/auth/signup', { email, name, password: PASSWORD, cookie: true })
	return somebody
}

/** The same with a confirmed address. */
export async function confirmed(email, name, options) {
	const somebody = await account(email, name, options)
	const token = new URLSearchParams(new URL(await linkOf('email_verify', email)).hash.slice(1)).get('token')
	await ask(somebody, 'POST', '/v1/auth/email/verify', { token })
	return somebody
}

/** The same at the overview of a tenant of their own, which is set up. */
export async function founder(email, name, organization, options) {
	const somebody = await confirmed(email, name, options)
	const { memberships } = await ask(somebody, 'GET', '/v1/auth/me')
	const headers = { 'X-Tenant-ID': memberships[0].tenant_id }
	await ask(somebody, 'POST', '/v1/onboarding/complete', { organization_name: organization }, headers)
	await somebody.page.goto('/console/')
	await somebody.page.getByRole('heading', { name: organization, level: 1 }).waitFor()
	return somebody
}

export async function verify(page, email) {
	await page.goto(await linkOf('email_verify', email))
	await page.getByText('Your address is confirmed.').waitFor()
}

/** The link of the newest mail of a kind to somebody, which names the env; it is written soon after the act. */
export async function linkOf(kind, email) {
	const folder = join(need('CONSOLE_STACK'), 'mail')
	for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
		const mails = readdirSync(folder).filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.eml'))
			.map((name) => readFileSync(join(folder, name), 'utf8')).filter((mail) => mail.includes(`<${email}>`))
			.sort((a, b) => dateOf(a) - dateOf(b))
		const found = mails.length ? /^http\S*\?env=\S+$/m.exec(mails.at(-1)) : null
		if (found) return found[0]
	}
	throw new Error(`no mail ${kind} to ${email}`)
}

const dateOf = (mail) => new Date(/^Date: (.*)$/m.exec(mail)[1]).getTime()

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** Those that can hold in light and not in dark; all others look at what does not change. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block']

/** What stands in the way of people: every rule of WCAG 2.2 A and AA that a program can check. */
async function barriers(page, runOnly) {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
	const { violations } = await page.evaluate((only) => window.axe.run({ runOnly: only, resultTypes: ['violations'], preload: false }), runOnly)
	return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`)
}

/** The page has no barrier in light and in dark, on a desk and on a phone, and is not wider than the phone. */
export async function isOpenToAll(page, name) {
	const size = page.viewportSize()
	// No hint of what the mouse points to shall stand on the page; it fades in a moment. That of what has the focus stays.
	await page.mouse.move(0, 0)
	await page.waitForFunction(() => !document.querySelector('[role=tooltip]'), null, { timeout: 1000 }).catch(() => {})
	const look = async (kind, colorScheme, rules) => {
		await page.emulateMedia({ colorScheme })
		await page.waitForFunction((mode) => getComputedStyle(document.documentElement).colorScheme === mode, colorScheme)
		await settled(page)
		await shoot(page, `${name}-${kind}-${colorScheme}`)
		assert.deepEqual(await barriers(page, rules), [], `${name}, ${kind}, ${colorScheme}`)
	}
	await look('desk', 'light', RULES)
	await look('desk', 'dark', OF_COLOURS)
	await page.setViewportSize(PHONE)
	const fits = page.waitForFunction((width) => document.documentElement.scrollWidth <= width, PHONE.width, { timeout: 3000 })
	const isNarrow = await fits.then(() => true, () => false)
	await look('phone', 'dark', OF_COLOURS)
	await look('phone', 'light', RULES)
	const sideways = await page.locator('.RaDataTable-tableWrapper').evaluateAll((lists) => lists.filter((e) => e.scrollWidth > e.clientWidth).length)
	await page.setViewportSize(size)
	// The navigation, which is a dialog on a phone, opens for a moment on the way back, and would take the keys.
	await settled(page)
	await page.waitForFunction(() => !document.querySelector('.MuiDrawer-modal'))
	assert.ok(isNarrow, `${name} is wider than a phone`)
	assert.equal(sideways, 0, `${name} has a list that scrolls sideways on a phone`)
}

const onTheWay = new WeakMap()

function watch(page) {
	const requests = new Set()
	onTheWay.set(page, requests)
	page.on('request', (r) => {
		requests.add(r)
	})
	// Those of the page before end unheard, also those that it began while the new one was asked for.
	page.on('response', (r) => {
		if (r.request().isNavigationRequest()) for (const before of requests) if (before !== r.request()) requests.delete(before)
	})
	for (const end of ['requestfinished', 'requestfailed']) page.on(end, (r) => requests.delete(r))
}

/** Nothing is on its way any more, also not for what came last, so that the page is as somebody finds it. */
async function settled(page) {
	const isBusy = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
		done(document.querySelector('[role=progressbar]:not([aria-valuenow]), .MuiSkeleton-root') !== null)))))
	for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
		if (!(await isBusy()) && onTheWay.get(page).size === 0 && !(await isBusy())) return
	}
	throw new Error(`the page does not come to rest: ${[...onTheWay.get(page)].map((r) => r.url()).join(', ') || 'it still shows that it is busy'}`)
}

async function shoot(page, name) {
	if (!shots) return
	mkdirSync(shots, { recursive: true })
	await page.screenshot({ path: join(shots, `${name}.png`) })
}

export const dev = (...args) => execFileSync('./dev', ['--dir', need('CONSOLE_STACK'), ...args], { encoding: 'utf8' })
