// What is another way on a phone: lists are cards, their order is a button, and the filters of the audit are behind one.
import assert from 'node:assert/strict'
import { holds } from '../client/cases.mjs'
import { ask, button, closeBrowser, founder, isOpenToAll, link, PHONE, pick } from './browser.mjs'

const pru = await founder('pru@example.com', 'Pru', 'Pru Works', { viewport: PHONE })
const { page, complaints } = pru
const menu = async (name) => {
	await button(page, 'Open menu').click()
	await link(page, name).click()
	await page.getByRole('heading', { name, level: 1 }).waitFor()
}
const cards = () => page.getByRole('row').filter({ has: page.getByRole('cell') })

await holds('a page is reached by the menu, which closes then', async () => {
	await menu('Members')
	await button(page, 'Open menu').waitFor()
})
await holds('the cards of members are searched', async () => {
	await cards().filter({ hasText: 'pru@example.com' }).waitFor()
	await page.getByLabel('Search by name or email').fill('nobody like this')
	await page.getByText('pru@example.com').waitFor({ state: 'detached' })
	await page.getByLabel('Search by name or email').fill('pru@')
	await cards().filter({ hasText: 'pru@example.com' }).waitFor()
	await isOpenToAll(page, 'phone-members')
})
await holds('the filters of the audit are behind a button, which says how many are set', async () => {
	await menu('Audit')
	const action = page.getByRole('combobox', { name: 'Action' })
	assert.ok(await action.isHidden())
	await button(page, 'Filters').click()
	await pick(page, 'Action', 'onboarded', 'Tenant: onboarded')
	await page.getByText('1-1 of 1').waitFor()
	await isOpenToAll(page, 'phone-audit')
	await button(page, 'Filters (1)').click()
	assert.ok(await action.isHidden())
	assert.equal(await cards().count(), 1)
})
await holds('the cards of rows are searched, and ordered by a button', async () => {
	const { memberships } = await ask(pru, 'GET', '/v1/auth/me')
	const rows = ['Cherry', 'Apple', 'Banana'].map((title, i) => ({ title, code: `P${i}` }))
	await ask(pru, 'POST', '/v1/data/console_orders', rows, { 'X-Tenant-ID': memberships[0].tenant_id })
	await menu('Console orders')
	await page.getByText('1-3 of 3').waitFor()
	await page.getByRole('button', { name: /^Sort by/ }).click()
	await page.getByRole('menuitem', { name: /^Title/ }).click()
	await page.waitForURL((url) => url.searchParams.get('sort') === 'title' && url.searchParams.get('order') === 'ASC')
	for (const [place, title] of ['Apple', 'Banana', 'Cherry'].entries()) await cards().nth(place).filter({ hasText: title }).waitFor()
	await page.getByRole('textbox', { name: 'Title' }).fill('ban')
	await page.getByText('1-1 of 1').waitFor()
	await cards().filter({ hasText: 'Banana' }).waitFor()
	await isOpenToAll(page, 'phone-rows')
})
await holds('nothing was written to the console of the browser', () => assert.deepEqual(complaints, []))
await closeBrowser()
