// The journey of somebody who asks to join by the slug: pending, approved; and rejected.
import assert from 'node:assert/strict'
import { holds } from '../client/cases.mjs'
import { account, button, closeBrowser, field, founder, isOpenToAll, link, linkOf } from './browser.mjs'

const owner = await founder('ira@example.com', 'Ira', 'Ira Works')
const slug = /\/t\/([^/]+)/.exec(owner.page.url())[1]
const { page, complaints } = await account('jo@example.com', 'Jo')

await holds('a link into a tenant of others says what one lacks, and how to ask for it', async () => {
	await page.goto(`/console/t/${slug}/members`)
	await page.getByRole('heading', { name: 'You are no member here' }).waitFor()
	await isOpenToAll(page, 'nothere')
	await button(page, 'Request access').click()
	assert.equal(await field(page, 'Slug').inputValue(), slug)
	await isOpenToAll(page, 'join')
})
await holds('a tenant that is not there is refused at the form', async () => {
	await field(page, 'Slug').fill('no-such-tenant')
	await button(page, 'Request access').click()
	await page.getByRole('alert').waitFor()
})
await holds('an admin says whom those can ask who wait', async () => {
	await link(owner.page, 'Settings').click()
	await field(owner.page, 'Whom people can ask (optional)').fill('Ira, at the front desk')
	await button(owner.page, 'Save').nth(1).click()
	await owner.page.getByText('The settings are saved').waitFor()
})
await holds('who waits sees the status, whom to ask, and nothing else', async () => {
	await field(page, 'Slug').fill(slug)
	await field(page, 'Message to its admins (optional)').fill('I keep the books')
	await button(page, 'Request access').click()
	await page.getByRole('heading', { name: 'Your request waits' }).waitFor()
	await page.getByText('I keep the books').waitFor()
	await page.getByText('Ira, at the front desk').waitFor()
	assert.equal(await link(page, 'Members').count(), 0)
	await isOpenToAll(page, 'pending')
})
await holds('a request is withdrawn and made again', async () => {
	await button(page, 'Withdraw').click()
	await page.getByRole('heading', { name: 'You are no member here' }).waitFor()
	await button(page, 'Request access').click()
	await button(page, 'Request access').click()
	await page.getByRole('heading', { name: 'Your request waits' }).waitFor()
})
await holds('an admin sees that somebody waits, and approves', async () => {
	await owner.page.goto(`/console/t/${slug}`)
	await link(owner.page, 'Decide now').waitFor()
	await owner.page.goto(await linkOf('join_requested', 'ira@example.com'))
	await owner.page.waitForURL(`**/console/t/${slug}/requests`)
	const row = owner.page.getByRole('row').filter({ hasText: 'jo@example.com' })
	await row.getByText('Address not confirmed').waitFor()
	await isOpenToAll(owner.page, 'requests-one')
	await row.getByRole('button', { name: 'Approve' }).click()
	await owner.page.getByText('Jo is a member now').waitFor()
	await button(page, 'Look again').click()
	await page.getByRole('heading', { name: 'Ira Works', level: 1 }).waitFor()
})
await holds('another one is rejected', async () => {
	const other = await account('kim@example.com', 'Kim')
	await other.page.goto(`/console/join/${slug}`)
	await button(other.page, 'Request access').click()
	await other.page.getByRole('heading', { name: 'Your request waits' }).waitFor()
	await owner.page.reload()
	await owner.page.getByRole('row').filter({ hasText: 'kim@example.com' }).getByRole('button', { name: 'Reject' }).click()
	await owner.page.getByText('The request of Kim is rejected').waitFor()
	await button(other.page, 'Look again').click()
	await other.page.getByRole('heading', { name: 'You are no member here' }).waitFor()
})
await holds('nothing was written to the console of either browser', async () => {
	assert.deepEqual([...complaints, ...owner.complaints], [])
})
await closeBrowser()
