// Every form by the keyboard alone, and the keys of the pages behind the sign-in. The mouse is not touched.
import assert from 'node:assert/strict'
import { holds } from '../client/cases.mjs'
import { button, closeBrowser, confirmed, field, isOpenToAll, link, PASSWORD, person } from './browser.mjs'

const { page, complaints } = await person()
const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
const type = (text) => page.keyboard.type(text)
const heading = (name) => page.getByRole('heading', { name, level: 1 })
const isFocused = (locator) => locator.evaluateAll((all) => all.some((one) => one === document.activeElement || one.contains(document.activeElement)))

/** Tabs until one of these has the focus, and the focus can be seen. */
async function tabTo(locator) {
	await locator.first().waitFor()
	for (let i = 0; i < 120; i++) {
		if (await isFocused(locator)) return
		await press('Tab')
	}
	throw new Error(`the keyboard does not reach ${locator}`)
}

/** Label and text of each field, one after the other; the first may have the focus already. */
async function fillIn(...fields) {
	for (const [label, text] of fields) {
		await tabTo(field(page, label))
		await press('Control+A')
		await type(text)
	}
}

await holds('signing up, and the first steps', async () => {
	await page.goto('/console/signup')
	await fillIn(['Name', 'Kay'], ['Email', 'kay@example.com'], ['Password', PASSWORD])
	await press('Enter')
	await fillIn(['Organization name', 'Kay Works'])
	await tabTo(button(page, 'Continue'))
	await press('Enter')
	await tabTo(button(page, 'Skip'))
	await press('Enter')
	await tabTo(button(page, 'Finish'))
	await press('Enter')
	await heading('Kay Works').waitFor()
})
await holds('a sheet lists the keys, and a page is reached by two of them', async () => {
	await press('?')
	await page.getByRole('dialog', { name: 'Keys' }).waitFor()
	await isOpenToAll(page, 'keys')
	await press('Escape')
	await page.getByRole('dialog').waitFor({ state: 'detached' })
	await press('g', 'm')
	await heading('Members').waitFor()
	await press('g', 'i')
	await heading('Invitations').waitFor()
})
await holds('inviting', async () => {
	await fillIn(['Email', 'lou@example.com'])
	await tabTo(button(page, 'Invite'))
	await press('Enter')
	await page.getByText('lou@example.com: invited').waitFor()
})
await holds('single keys do nothing while one types', async () => {
	await tabTo(field(page, 'Email'))
	await type('gm?c/')
	assert.equal(await field(page, 'Email').first().inputValue(), 'gm?c/')
	await heading('Invitations').waitFor()
	await press('Control+A', 'Delete')
})
await holds('changing the settings, saved by Ctrl and Enter', async () => {
	await page.evaluate(() => document.activeElement.blur())
	await press('g', 's')
	await heading('Settings').waitFor()
	await fillIn(['Display name', 'Kay & Co'])
	await press('Control+Enter')
	await page.getByText('The settings are saved').waitFor()
})
await holds('making an API key', async () => {
	await fillIn(['Name of the key', 'Robot'])
	await press('Enter')
	await page.getByText('Copy the key now').waitFor()
})
await holds('making and changing a row', async () => {
	await tabTo(link(page, 'Console orders'))
	await press('Enter')
	await page.getByText('No console orders yet').waitFor()
	await page.evaluate(() => document.activeElement.blur())
	await press('c')
	await fillIn(['Title *', 'By keyboard'])
	await tabTo(page.getByRole('combobox', { name: 'State' }))
	await press('Enter', 'ArrowDown', 'Enter')
	await tabTo(button(page, 'Create'))
	await press('Enter')
	await page.waitForURL('**/show')
	await tabTo(link(page, 'Edit'))
	await press('Enter')
	await fillIn(['Notes', 'Changed'])
	await press('Control+Enter')
	await page.waitForURL('**/show')
	await page.getByText('Changed').waitFor()
})

const asker = await confirmed('mo@example.com', 'Mo')
await asker.page.goto('/console/join')
await holds('letting somebody in', async () => {
	const slug = /\/t\/([^/]+)/.exec(page.url())[1]
	await field(asker.page, 'Slug').fill(slug)
	await button(asker.page, 'Request access').click()
	await asker.page.getByRole('heading', { name: 'Your request waits' }).waitFor()
	await page.evaluate(() => document.activeElement.blur())
	await press('g', 'r')
	await tabTo(button(page, 'Approve'))
	await press('Enter')
	await page.getByText('Mo is a member now').waitFor()
})
await holds('signing out and in again, with the keys turned off', async () => {
	await press('?')
	await tabTo(page.getByRole('switch', { name: 'Single keys work' }))
	await press('Space', 'Escape')
	await page.getByRole('dialog').waitFor({ state: 'detached' })
	await press('g', 'm')
	await heading('Requests').waitFor()
	await tabTo(button(page, 'Sign out'))
	await press('Enter')
	await fillIn(['Email', 'kay@example.com'], ['Password', PASSWORD])
	await press('Enter')
	await page.getByTestId('context-badge').waitFor()
})
await holds('nothing was written to the browser’s console', () => assert.deepEqual(complaints, []))
await closeBrowser()
