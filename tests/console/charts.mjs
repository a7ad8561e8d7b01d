// The charts: of a tenant, of its rows, and of the system; each says its numbers in words and as a table.
import assert from 'node:assert/strict'
import { holds } from '../client/cases.mjs'
import { ask, button, closeBrowser, dev, founder, isOpenToAll, link } from './browser.mjs'

const nora = await founder('nora@example.com', 'Nora', 'Nora Works')
const { page, complaints } = nora
const chart = (name) => page.getByRole('img', { name })
const tableOf = (title) => page.getByRole('region', { name: title, exact: true }).getByText('As a table')
const days = async (count) => {
	await page.getByRole('combobox', { name: 'Days' }).click()
	await page.getByRole('option', { name: `${count} days` }).click()
}

await holds('the overview shows what was done on which day, and the table has the same sum', async () => {
	const drawn = chart(/^Activity: [1-9]\d* in 30 days, most on /)
	const [, total] = /: (\d+) in/.exec(await drawn.getAttribute('aria-label'))
	await tableOf('Activity').click()
	const rows = await page.getByRole('table').locator('tbody tr').allInnerTexts()
	assert.equal(rows.length, 30)
	assert.equal(rows.reduce((sum, row) => sum + Number(row.split('\t').at(-1)), 0), Number(total))
	await isOpenToAll(page, 'chart-activity')
	await days(90)
	await chart(/^Activity: \d+ in 90 days/).waitFor()
})
await holds('the rows of each table are counted when one asks', async () => {
	await button(page, 'Count the rows').click()
	await page.getByText('0 rows').first().waitFor()
})
await holds('a table that has a time and numbers has a chart, with a line for each name', async () => {
	const rows = []
	for (const sensor of ['Cellar', 'Roof'])
		for (let hour = 0; hour < 48; hour++)
			rows.push({ sensor, celsius: (sensor === 'Roof' ? 18 : 9) + Math.round(6 * Math.sin(hour / 4)), measured_at: new Date(Date.now() - hour * 3.6e6).toISOString() })
	const { memberships } = await ask(nora, 'GET', '/v1/auth/me')
	const headers = { 'X-Tenant-ID': memberships[0].tenant_id }
	const { path } = (await ask(nora, 'GET', '/v1/resources', undefined, headers)).find((r) => r.name === 'temperature_readings')
	await ask(nora, 'POST', path, rows, headers)
	await link(page, 'Temperature readings').click()
	await button(page, 'Show a chart').click()
	await chart(/^Celsius by measured at: 96 values from .* between 3 and 24$/).waitFor()
	await page.getByRole('listitem').filter({ hasText: 'Roof' }).waitFor()
	await isOpenToAll(page, 'chart-rows')
	await button(page, 'Hide the chart').click()
	await chart(/^Celsius/).waitFor({ state: 'detached' })
})
await holds('a table without a time of its own has none', async () => {
	await link(page, 'Inventory items').click()
	await page.getByText('No inventory items yet').waitFor()
	assert.equal(await button(page, 'Show a chart').count(), 0)
})
await holds('the home of the system shows tenants, sign-ups and refusals', async () => {
	dev('ctl', 'user', 'grant-system-admin', 'nora@example.com', '--reason', 'runs the service')
	await page.goto('/console/system')
	await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
	await chart(/^Sign-ups: [1-9]\d* in 30 days/).waitFor()
	await page.getByRole('table', { name: 'Tenants by status' }).getByRole('row', { name: /^Active/ }).waitFor()
	await page.getByRole('heading', { name: 'Refusals' }).waitFor()
	await isOpenToAll(page, 'chart-system')
	await days(7)
	await chart(/^Sign-ups: [1-9]\d* in 7 days/).waitFor()
	await page.getByText('The last 7 days', { exact: true }).waitFor()
})
await holds('nothing was written to the console of the browser', async () => {
	assert.deepEqual(complaints, [])
})
await closeBrowser()
