// What needs no server.
import assert from 'node:assert/strict'
import { test } from 'node:test'

const { containing, countOf, createClient, createDataProvider, errorOf, filterParams, nextPage, rowsPlace } = await import(process.env.PROVIDER ?? '../dist/index.js')

test('a filter is a parameter per field, with the operator after the @', () => {
	const params = filterParams({ name: 'a', 'amount@gte': 3, state: ['x', 'y,z'], parent: null, empty: '', none: undefined })
	assert.equal(params.toString(), new URLSearchParams({ name: 'eq.a', amount: 'gte.3', state: 'in.("x","y,z")', parent: 'is.null' }).toString())
})
test('one field may have two filters', () => {
	assert.deepEqual(filterParams({ 'n@gte': 1, 'n@lte': 2 }).getAll('n'), ['gte.1', 'lte.2'])
})
test('what people type is no pattern', () => {
	assert.equal(containing('50%_*'), '*50\\%\\__*')
	assert.equal(filterParams({ 'name@has': 'a' }).get('name'), 'ilike.*a*')
})
test('the next page is where the link says', () => {
	assert.equal(nextPage(new Headers({ Link: '</v1/x?cursor=1>; rel="next"' })), '/v1/x?cursor=1')
	assert.equal(nextPage(new Headers()), undefined)
})
test('rows are counted when the server did', () => {
	assert.equal(countOf(new Headers({ 'Content-Range': '0-24/3573' })), 3573)
	assert.equal(countOf(new Headers({ 'Content-Range': '0-24/*' })), undefined)
})
test('refused fields are errors of the form', () => {
	const error = errorOf({ status: 400, code: 'invalid_request', errors: [{ field: 'name', detail: 'is required' }] })
	assert.deepEqual(error.body.errors, { name: 'is required' })
	assert.equal(error.status, 400)
})
test('a creation without an answer is repeated with the same key, one with an answer is another creation', async () => {
	const keys = []
	const answers = [new TypeError('no network'), 409, 201]
	const send = async (_, { headers }) => {
		keys.push(headers['Idempotency-Key'])
		const answer = answers.shift()
		if (answer instanceof Error) throw answer
		return new Response(JSON.stringify(answer === 201 ? [{ id: 1 }] : { status: answer }), { status: answer })
	}
	const provider = createDataProvider({ client: createClient({ fetch: send }), place: rowsPlace })
	const create = () => provider.create('notes', { data: { title: 'a' } })
	await assert.rejects(create, TypeError)
	await assert.rejects(create)
	await create()
	assert.equal(keys[0], keys[1])
	assert.notEqual(keys[1], keys[2])
})
test('a request that is refused because the session ended is made again after a new sign-in', async () => {
	const answers = [401, 200]
	const send = async () => new Response('{}', { status: answers.shift() })
	const client = createClient({ fetch: send, signInAgain: async () => true })
	assert.equal((await client.ask('/v1/tenant')).status, 200)
	answers.push(401)
	await assert.rejects(() => createClient({ fetch: send }).ask('/v1/tenant'), { status: 401 })
})
