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
const PHONE = { width: 390, height: 780 }
const PATIENCE_MS = 60000

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync']
const browser = await chromium.launch({ executablePath: need('CONSOLE_BROWSER'), args: FLAGS })
export const closeBrowser = () => browser.close()

// A refusal that a journey provokes is told by the browser as well; anything else in its console is a defect.
const isExpected = (text) => /^Failed to load resource: the server responded with a status of 4\d\d/.test(text)

/** A browser of one person. `complaints` has what its console told, and what the Content-Security-Policy refused. */
export async function person(options = {}) {
	const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options })
	const page = await context.newPage()
	page.setDefaultTimeout(PATIENCE_MS)
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

export async function signUp(page, email, name) {
	await page.goto('/console/signup')
	await field(page, 'Name').fill(name)
	await field(page, 'Email').fill(email)
	await field(page, 'Password').fill(PASSWORD)
	await button(page, 'Sign up').click()
}

export async function signIn(page, email, password = PASSWORD) {
	await page.goto('/console/signin')
	await field(page, 'Email').fill(email)
	await field(page, 'Password').fill(password)
	await button(page, 'Sign in').click()
}

/** The shortest way through the first steps of a new tenant. */
export async function setUp(page, organization) {
	await field(page, 'Organization name').fill(organization)
	await button(page, 'Continue').click()
	await button(page, 'Skip').click()
	await button(page, 'Finish').click()
	await page.getByRole('heading', { name: organization, level: 1 }).waitFor()
}

/** A person who has signed up, with a confirmed address and a tenant that is set up. */
export async function founder(email, name, organization) {
	const somebody = await person()
	await signUp(somebody.page, email, name)
	await somebody.page.getByTestId('context-badge').waitFor()
	await verify(somebody.page, email)
	await somebody.page.goto('/console/')
	await setUp(somebody.page, organization)
	return somebody
}

export async function verify(page, email) {
	await page.goto(await linkOf('email_verify', email))
	await page.getByText('Your address is confirmed.').waitFor()
}

/** The link of the newest mail of a kind to somebody; it is written soon after the act. */
export async function linkOf(kind, email) {
	const folder = join(need('CONSOLE_STACK'), 'mail')
	for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
		const mails = readdirSync(folder).filter((name) => name.startsWith(`${kind}-`) && name.endsWith('.eml'))
			.map((name) => readFileSync(join(folder, name), 'utf8')).filter((mail) => mail.includes(`<${email}>`))
			.sort((a, b) => dateOf(a) - dateOf(b))
		const found = mails.length ? /^http\S*#token=\S+$/m.exec(mails.at(-1)) : null
		if (found) return found[0]
	}
	throw new Error(`no mail ${kind} to ${email}`)
}

const dateOf = (mail) => new Date(/^Date: (.*)$/m.exec(mail)[1]).getTime()

/** What stands in the way of people: every rule of WCAG 2.2 A and AA that a program can check. */
async function barriers(page) {
	await page.evaluate(axe)
	const { violations } = await page.evaluate(() =>
		window.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
	return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`)
}

/** The page has no barrier in light or in dark, and is not wider than a phone where the screen is one. */
export async function isOpenToAll(page, name) {
	await settled(page)
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
		await shoot(page, `${name}-${colorScheme}`)
		assert.deepEqual(await barriers(page), [], `${name}, ${colorScheme}`)
	}
	await page.emulateMedia({ colorScheme: 'light' })
	const size = page.viewportSize()
	await page.setViewportSize(PHONE)
	const fits = page.waitForFunction((width) => document.documentElement.scrollWidth <= width, PHONE.width, { timeout: 3000 })
	const isNarrow = await fits.then(() => true, () => false)
	const sideways = await page.locator('.RaDataTable-tableWrapper').evaluateAll((lists) => lists.filter((e) => e.scrollWidth > e.clientWidth).length)
	await shoot(page, `${name}-narrow`)
	await page.setViewportSize(size)
	assert.ok(isNarrow, `${name} is wider than a phone`)
	assert.equal(sideways, 0, `${name} has a list that scrolls sideways on a phone`)
}

// Nothing is on its way any more, so that the page is as somebody finds it.
const settled = (page) => page.waitForLoadState('networkidle')

async function shoot(page, name) {
	if (!shots) return
	mkdirSync(shots, { recursive: true })
	await page.screenshot({ path: join(shots, `${name}.png`) })
}

export const dev = (...args) => execFileSync('./dev', ['--dir', need('CONSOLE_STACK'), ...args], { encoding: 'utf8' })
