// What the server offers to visitors, and the env that the links of mails name.
import assert from 'node:assert/strict'
import { holds } from '../client/cases.mjs'
import { ask, button, closeBrowser, field, isOpenToAll, link, linkOf, PASSWORD, person, signIn } from './browser.mjs'

const envField = (page) => page.getByRole('combobox', { name: 'Environment' })

/** A visitor of a server whose discovery document says this as well. */
async function visitor(said) {
	const somebody = await person()
	await somebody.page.route('**/.well-known/openid-configuration', async (route) => {
		const answer = await route.fetch()
		await route.fulfill({ response: answer, json: { ...(await answer.json()), ...said } })
	})
	return somebody
}

await holds('where nobody can make an account, the pages say so and offer none', async () => {
	const { page, complaints } = await visitor({ tenantd_signup: 'closed' })
	await page.goto('/console/signup')
	await page.getByText('Nobody can make an account here.').waitFor()
	assert.equal(await button(page, 'Sign up').count(), 0)
	await isOpenToAll(page, 'signup-closed')
	await link(page, 'Sign in').click()
	await button(page, 'Sign in').waitFor()
	await page.getByText('Nobody can make an account here.').waitFor()
	assert.equal(await link(page, 'Sign up').count(), 0)
	await isOpenToAll(page, 'signin-closed')
	assert.deepEqual(complaints, [])
})
await holds('where there is one env alone, nobody is asked for it, and it is the one that is signed in to', async () => {
	const { page } = await visitor({ tenantd_envs: ['staging'] })
	await page.goto('/console/signin')
	await button(page, 'Sign in').waitFor()
	assert.equal(await envField(page).count(), 0)
	const [asked] = await Promise.all([page.waitForRequest('**/v1/auth/login'), signIn(page, 'nobody@example.com')])
	assert.equal(asked.headers()['x-env'], 'staging')
	await isOpenToAll(page, 'signin-one-env')
})

// Pia has a tenant in one env, and may sign in to the others.
const pia = await person()
const inStaging = { 'X-Env': 'staging' }
const email = 'pia@example.com'
await ask(pia, 'POST', '/v1/auth/signup', { email, name: 'Pia', password: PASSWORD }, inStaging)
const verifies = await linkOf('email_verify', email)
const { page } = pia

await holds('the link of a mail goes to the env of the mail alone', async () => {
	assert.match(verifies, /\/console\/verify\?env=staging#token=/)
	const envs = []
	page.on('request', (r) => r.url().endsWith('/v1/auth/email/verify') && envs.push(r.headers()['x-env']))
	await page.goto(verifies)
	await page.getByText('Your address is confirmed.').waitFor()
	assert.deepEqual(envs, ['staging'])
	await button(page, 'Sign in').click()
	await envField(page).getByText('staging').waitFor()
})
await holds('whoever is signed in to another env is asked which of the two they mean', async () => {
	await page.goto('/console/signin')
	await envField(page).click()
	await page.getByRole('option', { name: 'dev' }).click()
	await field(page, 'Email').fill(email)
	await field(page, 'Password').fill(PASSWORD)
	await button(page, 'Sign in').click()
	const title = page.getByRole('heading', { name: 'Organizations' })
	await title.waitFor()
	await page.goto('/console/tenants?env=staging')
	await page.getByRole('heading', { name: 'This link is of another environment' }).waitFor()
	await isOpenToAll(page, 'elsewhere')
	await button(page, 'Stay in dev').click()
	await title.waitFor()
})
await holds('and signs in to the env of the link, and comes to its page', async () => {
	const token = await ask(await person(), 'POST', '/v1/auth/login', { email, password: PASSWORD }, inStaging)
	const { memberships } = await ask(await person(), 'GET', '/v1/auth/me', undefined, { ...inStaging, Authorization: `Bearer ${token.access_token}` })
	await page.goto(`/console/t/${memberships[0].tenant_id}/settings?env=staging`)
	await button(page, 'Sign in to staging').click()
	await field(page, 'Email').fill(email)
	await envField(page).getByText('staging').waitFor()
	await field(page, 'Password').fill(PASSWORD)
	await button(page, 'Sign in').click()
	await page.getByTestId('context-badge').getByText('staging').waitFor()
	await page.waitForURL(`**/console/t/${memberships[0].slug}/settings`)
})
await holds('nothing was written to the console of the browser', () => assert.deepEqual(pia.complaints, []))
await closeBrowser()
