// Against a real server: TENANTD_URL says where it is (./dev up starts one). Each run makes a person and a tenant.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'

const { createAuthProvider, createClient, createDataProvider, randomKey, rowsPlace } = await import(process.env.PROVIDER ?? '../dist/index.js')

const url = process.env.TENANTD_URL
const options = { skip: url ? false : 'TENANTD_URL is not set' }
const email = `${randomKey()}@example.com`
const password = 'a fine long phrase'
const asked = []
let cookie = ''

// What a browser does by itself: it keeps the cookie and says where the page is from.
async function browse(target, init = {}) {
	const headers = { ...init.headers, 'Sec-Fetch-Site': 'same-origin', ...(cookie && { Cookie: cookie }) }
	const response = await fetch(target, { ...init, headers })
	asked.push({ method: init.method, target: target.replace(url, ''), headers, status: response.status })
	cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
	return response
}

let client, provider, auth

before(async () => {
	if (!url) return
	const visitor = createClient({ url, fetch: browse })
	const { body } = await visitor.ask('/v1/auth/signup', { method: 'POST', body: { email, password, name: 'Pia', cookie: true }, env: 'dev' })
	client = createClient({ url, fetch: browse, tenant: body.tenant.id })
	await client.post('/v1/onboarding/complete', { organization_name: 'Pia Works' })
	const lists = { members: { path: '/v1/members', key: 'user_id', kind: 'entries' }, audit: { path: '/v1/audit', key: 'id', kind: 'entries' } }
	provider = createDataProvider({ client, place: (resource) => lists[resource] ?? rowsPlace(resource) })
	auth = createAuthProvider({ client, env: 'dev' })
})

const profile = (sku, more = {}) => provider.create('item_profiles', { data: { sku, name: `Item ${sku}`, ...more } })
const page = (number, perPage, more = {}) =>
	provider.getList('item_profiles', { pagination: { page: number, perPage }, sort: { field: 'sku', order: 'ASC' }, filter: {}, ...more })

test('every request names the tenant, and none has a token', options, async () => {
	await provider.getList('members', { pagination: { page: 1, perPage: 10 } })
	const last = asked.at(-1)
	assert.equal(last.headers['X-Tenant-ID'], client.tenant)
	assert.ok(!('Authorization' in last.headers))
})
test('rows are created with a key, and found by their filters in their order', options, async () => {
	for (let i = 0; i < 12; i++) await profile(`A-${String(i).padStart(2, '0')}`)
	assert.match(asked.at(-1).headers['Idempotency-Key'], /^[0-9a-f]{32}$/)
	const { data } = await page(1, 5, { filter: { 'name@has': 'item a-1' }, sort: { field: 'sku', order: 'DESC' } })
	assert.deepEqual(data.map((row) => row.sku), ['A-11', 'A-10'])
})
test('pages say whether there is another, without counting', options, async () => {
	const first = await page(1, 5)
	assert.deepEqual(first.pageInfo, { hasNextPage: true, hasPreviousPage: false })
	assert.equal(first.total, undefined)
	const last = await page(3, 5)
	assert.deepEqual([last.data.length, last.pageInfo.hasNextPage, last.total], [2, false, 12])
	assert.ok(!asked.some((a) => a.headers.Prefer?.includes('count=exact')))
	assert.equal(await provider.count('item_profiles', { 'sku@gte': 'A-10' }), 2)
	assert.equal((await page(1, 5, { meta: { count: true } })).total, 12)
})
test('lists with cursors have pages too, also the third one at once', options, async () => {
	const events = (number) => provider.getList('audit', { pagination: { page: number, perPage: 4 } })
	const all = (await provider.getList('audit', { pagination: { page: 1, perPage: 1000 } })).data.map((e) => e.id)
	assert.deepEqual((await events(3)).data.map((e) => e.id), all.slice(8, 12))
	assert.deepEqual((await events(2)).data.map((e) => e.id), all.slice(4, 8))
})
test('refused fields are named', options, async () => {
	await assert.rejects(() => provider.create('item_profiles', { data: { name: 'no number' } }), (error) => {
		assert.deepEqual(Object.keys(error.body.errors), ['sku'])
		return true
	})
})
test('only what changed is sent, and only while the row is as it was read', options, async () => {
	const { data: row } = await profile('B-1')
	const { data: changed } = await provider.update('item_profiles', { id: row.id, data: { ...row, brand: 'Acme' }, previousData: row })
	assert.match(asked.at(-1).headers['If-Match'], /^"/)
	assert.equal(changed.brand, 'Acme')
	await assert.rejects(() => provider.update('item_profiles', { id: row.id, data: { ...row, brand: 'Other' }, previousData: row }), (error) => {
		assert.equal(error.status, 412)
		assert.equal(error.body.current.brand, 'Acme')
		return true
	})
})
test('a row of a list is written under the same condition', options, async () => {
	const { data: made } = await profile('B-2')
	const fresh = createDataProvider({ client, place: rowsPlace })
	const { data } = await fresh.getList('item_profiles', { pagination: { page: 1, perPage: 5 }, sort: { field: 'sku', order: 'ASC' }, filter: { sku: 'B-2' } })
	await provider.update('item_profiles', { id: made.id, data: { ...made, brand: 'Acme' }, previousData: made })
	await assert.rejects(() => fresh.update('item_profiles', { id: made.id, data: { ...data[0], brand: 'x' }, previousData: data[0] }), { status: 412 })
	await assert.rejects(() => fresh.delete('item_profiles', { id: made.id, previousData: data[0] }), { status: 412 })
})
test('a dry run changes nothing', options, async () => {
	const { data } = await provider.create('item_profiles', { data: { sku: 'C-1', name: 'Not yet' }, meta: { dryRun: true } })
	assert.equal(data.sku, 'C-1')
	assert.equal(await provider.count('item_profiles', { sku: 'C-1' }), 0)
})
test('an action is called on a row, and a dry run of it leaves nothing', options, async () => {
	const { data: row } = await provider.create('campaigns', { data: { name: 'Spring', subject: 'News', body: 'Hello' } })
	const status = async () => (await provider.getOne('campaigns', { id: row.id })).data.status
	await provider.act('campaigns', { id: row.id, action: 'send', meta: { dryRun: true } })
	assert.equal(await status(), row.status)
	await provider.act('campaigns', { id: row.id, action: 'send' })
	assert.notEqual(await status(), row.status)
	await assert.rejects(() => provider.act('campaigns', { id: row.id, action: 'send' }), { status: 409 })
})
test('several rows are read, changed and deleted at once', options, async () => {
	const ids = (await page(1, 3)).data.map((row) => row.id)
	assert.equal((await provider.getMany('item_profiles', { ids })).data.length, 3)
	await provider.updateMany('item_profiles', { ids, data: { category: 'bolts' } })
	assert.equal(await provider.count('item_profiles', { category: 'bolts' }), 3)
	await provider.deleteMany('item_profiles', { ids })
	assert.equal(await provider.count('item_profiles', { category: 'bolts' }), 0)
})
test('a row that a dry run showed is not taken for one that was stored', options, async () => {
	const { data: row } = await profile('C-2')
	await provider.update('item_profiles', { id: row.id, data: { ...row, brand: 'Tried' }, previousData: row, meta: { dryRun: true } })
	await client.ask(`/v1/data/item_profiles/${row.id}`, { method: 'PATCH', body: { brand: 'Theirs' } })
	const { data } = await provider.getList('item_profiles', { pagination: { page: 1, perPage: 5 }, sort: { field: 'sku', order: 'ASC' }, filter: { sku: 'C-2' } })
	await provider.update('item_profiles', { id: row.id, data: { ...data[0], brand: 'Mine' }, previousData: data[0] })
})
test('more rows than an address can name are read, changed and deleted', options, async () => {
	const made = await client.post('/v1/data/item_profiles', Array.from({ length: 400 }, (_, i) => ({ sku: `D-${i}`, name: 'Many' })))
	const ids = made.map((row) => row.id)
	assert.equal((await provider.getMany('item_profiles', { ids })).data.length, 400)
	await provider.updateMany('item_profiles', { ids, data: { category: 'many' } })
	assert.equal(await provider.count('item_profiles', { category: 'many' }), 400)
	await provider.deleteMany('item_profiles', { ids })
	assert.equal(await provider.count('item_profiles', { name: 'Many' }), 0)
})
test('an export gets more rows than one page of the server has', options, async () => {
	await client.post('/v1/data/kpis', Array.from({ length: 700 }, (_, i) => ({ name: `k${i}`, period_start: '2026-01-01', period_end: '2026-01-31', value: i })))
	await client.post('/v1/data/kpis', Array.from({ length: 700 }, (_, i) => ({ name: `m${i}`, period_start: '2026-01-01', period_end: '2026-01-31', value: i })))
	const { data } = await provider.getList('kpis', { pagination: { page: 1, perPage: 5000 }, sort: { field: 'name', order: 'ASC' }, filter: {} })
	assert.equal(new Set(data.map((row) => row.id)).size, 1400)
})
test('the auth provider signs in and out by the cookie', options, async () => {
	assert.equal((await auth.getIdentity()).fullName, 'Pia')
	await auth.logout()
	await assert.rejects(() => auth.checkAuth({}), { status: 401 })
	await auth.login({ email, password })
	await auth.checkAuth({})
	assert.equal(await auth.getPermissions({}), 'owner')
})
