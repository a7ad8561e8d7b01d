// The journey of an admin with a domain of the firm, and of somebody whose address lets them in.
import assert from 'node:assert/strict'
import { holds } from '../client/cases.mjs'
import { button, closeBrowser, confirmed, dev, field, founder, isOpenToAll, link } from './browser.mjs'

const owner = await founder('dora@example.com', 'Dora', 'Dora Works')
const { page } = owner
const slug = /\/t\/([^/]+)/.exec(page.url())[1]

await holds('a public mail provider is refused', async () => {
	await link(page, 'Domains').click()
	await page.getByText('No domain yet').waitFor()
	await isOpenToAll(page, 'domains-none')
	await field(page, 'Domain').fill('gmail.com')
	await button(page, 'Add').click()
	await page.getByRole('alert').filter({ hasText: 'Anybody can get an address at gmail.com' }).waitFor()
})
await holds('a domain is added, and its record can be copied', async () => {
	await field(page, 'Domain').fill('dora.example')
	await button(page, 'Add').click()
	await page.getByRole('heading', { name: 'dora.example' }).waitFor()
	await page.getByText('Pending', { exact: true }).waitFor()
	await page.getByText('_tenantd-challenge.dora.example').waitFor()
	await owner.context.grantPermissions(['clipboard-read', 'clipboard-write'])
	await button(page, 'Copy Value of dora.example').click()
	await page.getByText('Copied').waitFor()
	assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^tenantd-domain-verification=\S+$/)
})
await holds('a check that does not find the record says so in words', async () => {
	await button(page, 'Verify dora.example').click()
	await page.getByText('The record is being looked up…').waitFor()
	await page.getByText(/^Not proven: .+ It is looked up again /).waitFor({ timeout: 60000 })
	await isOpenToAll(page, 'domains')
})
await holds('who has an address there is invited from now on', async () => {
	const card = page.getByRole('region', { name: 'dora.example' })
	await card.getByLabel('Who has an address there').click()
	await page.getByRole('option', { name: 'is invited' }).click()
	await page.getByText('That is saved for dora.example').waitFor()
	await page.reload()
	await card.getByText('They get a mail with an invitation').waitFor()
	await card.getByLabel('Who has an address there').click()
	await page.getByRole('option', { name: 'joins by asking' }).click()
	await card.getByText('They find this organization').waitFor()
})
await holds('somebody at a proven domain joins by one button', async () => {
	// DNS is not there for a test: what a check does that found the record.
	dev('psql', 'super', '-X', '-q', '-c', "SELECT tenantd.domain_checked(tenant_id, id, true, '') FROM tenantd.domains WHERE name = 'dora.example'")
	const other = await confirmed('emil@dora.example', 'Emil')
	await other.page.goto('/console/')
	await button(other.page, 'Join Dora Works').waitFor()
	await other.page.goto('/console/tenants')
	await other.page.getByText('you are a member of Dora Works as soon as you join').waitFor()
	await isOpenToAll(other.page, 'tenants-joinable')
	await button(other.page, 'Join Dora Works').click()
	await other.page.getByRole('heading', { name: 'Dora Works', level: 1 }).waitFor()
	assert.ok(other.page.url().endsWith(`/t/${slug}`))
	assert.equal(await link(other.page, 'Domains').count(), 0)
	assert.deepEqual(other.complaints, [])
})
await holds('a domain is removed by its name', async () => {
	await page.reload()
	await page.getByText('Verified', { exact: true }).waitFor()
	await button(page, 'Remove dora.example').click()
	const dialog = page.getByRole('dialog')
	assert.ok(await dialog.getByRole('button', { name: 'Remove' }).isDisabled())
	await dialog.getByLabel('To go on, write: dora.example').fill('dora.example')
	await isOpenToAll(page, 'domains-remove')
	await dialog.getByRole('button', { name: 'Remove' }).click()
	await page.getByText('No domain yet').waitFor()
})
await holds('nothing was written to the console of the browser', async () => {
	assert.deepEqual(owner.complaints, [])
})
await closeBrowser()
