// /v1/openapi.json: held to a linter's rules, and to what the running server does.
import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { holds, need } from './cases.mjs'

const { createConfig, lintFromString } = createRequire(need('CLIENT_MODULES'))('@redocly/openapi-core')
const url = need('CLIENT_URL')
const token = need('CLIENT_TOKEN')
const admin = need('CLIENT_ADMIN_TOKEN')
const get = (path, headers = {}) => fetch(url + path, { headers })
const answer = await get('/v1/openapi.json')
const text = await answer.text()
const document = JSON.parse(text)
const row = document.components.schemas.client_notes

await holds('the document is public JSON', () => {
	assert.equal(answer.status, 200)
	assert.equal(answer.headers.get('content-type'), 'application/json')
})

await holds('a linter finds nothing wrong with it', async () => {
	const config = await createConfig({ extends: ['recommended'] })
	const problems = await lintFromString({ source: text, absoluteRef: '/openapi.json', config })
	assert.deepEqual(problems.map(p => `${p.severity} ${p.ruleId} ${p.message} ${p.location[0]?.pointer}`), [])
})

await holds('the registered table is in it with its columns', () => {
	assert.deepEqual(Object.keys(row.properties), ['id', 'title', 'body', 'priority', 'score', 'done', 'due', 'code', 'tags', 'extra',
		'tenant_id', 'env', 'version', 'created_at', 'created_by', 'updated_at', 'updated_by'])
	assert.equal(row.properties.title.maxLength, 60)
	assert.equal(row.properties.title.description, 'What it is "about"')
	assert.deepEqual(row.properties.priority.enum, ['low', 'high'])
	assert.deepEqual(row.properties.score.type, ['integer', 'null'])
	assert.equal(row.properties.tenant_id.readOnly, true)
	assert.deepEqual(document.components.schemas['client_notes.new'].required, ['title'])
})

await holds('its routes carry their guards', () => {
	const all = document.paths['/v1/data/client_notes']
	const one = document.paths['/v1/data/client_notes/{id}']
	assert.deepEqual(Object.keys(all), ['get', 'post', 'patch', 'delete'])
	assert.deepEqual(Object.keys(one), ['get', 'patch', 'put', 'delete'])
	assert.equal(one.get['x-tenantd-least'], 'member')
	assert.equal(one.delete['x-tenantd-least'], 'tenant_admin')
	assert.equal(document.paths['/v1/data/client_notes/{id}/finish'].post['x-tenantd-least'], 'member')
})

await holds('a row that is read has just the fields that are described', async () => {
	const rows = await (await get('/v1/data/client_notes?limit=1', { authorization: `Bearer ${token}` })).json()
	assert.deepEqual(Object.keys(rows[0]), Object.keys(row.properties))
})

// The fixed routes that read: what they answer has just the fields that are described.
function describes(schema, value, where) {
	if (schema.$ref) return describes(document.components.schemas[schema.$ref.split('/').pop()], value, where)
	if (schema.anyOf) return value === null || describes(schema.anyOf[0], value, where)
	const types = [schema.type].flat()
	const type = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
	assert.ok(types.includes(type), `${where} is ${type}, not ${types}`)
	if (schema.enum) assert.ok(schema.enum.includes(value), `${where} is ${value}`)
	if (type === 'array') value.forEach((v, i) => describes(schema.items, v, `${where}[${i}]`))
	if (type !== 'object' || !schema.properties) return true
	for (const name of schema.required ?? []) assert.ok(name in value, `${where} lacks ${name}`)
	for (const name of Object.keys(value)) {
		assert.ok(name in schema.properties, `${where} has ${name}, which is not described`)
		describes(schema.properties[name], value[name], `${where}.${name}`)
	}
	return true
}

// The cases of the routes (tests/support/cases.h): [method, path, body], each route once.
const folder = new URL('../cases/', import.meta.url)
const cases = new Map(readdirSync(folder)
	.filter(name => name.endsWith('.cases') && name !== 'data.cases')
	.flatMap(name => readFileSync(new URL(name, folder), 'utf8').split('\n'))
	.filter(line => line && !line.startsWith('#'))
	.map(line => line.split('|').map(cell => cell.trim()))
	.reverse() // the first line of a route has its body
	.map(([route, body]) => [route, [...route.split(' '), body]]))
	.values()
const json = 'application/json'

// Some routes are for those who signed in here.
let account
await holds('a sign-up answers what is described', async () => {
	const signed = await fetch(url + '/v1/auth/signup', {
		method: 'POST',
		headers: { 'content-type': json, 'x-env': 'dev' },
		body: JSON.stringify({ email: 'una@example.com', password: 'a fine long phrase' }),
	})
	assert.equal(signed.status, 201)
	const answered = await signed.json()
	describes(document.paths['/v1/auth/signup'].post.responses['201'].content[json].schema, answered, 'signup')
	account = answered.access_token
})

for (const [method, path, body] of cases) {
	const operation = document.paths[path][method.toLowerCase()]
	const answers = operation.responses['200']?.content?.[json]?.schema
	if (method === 'GET' && answers && !path.includes('{'))
		await holds(`${path} answers what is described`, async () => {
			const read = await get(path, { authorization: `Bearer ${path === '/v1/auth/sessions' ? account : path.startsWith('/v1/admin/') ? admin : token}` })
			assert.equal(read.status, 200)
			describes(answers, await read.json(), path)
		})
	if (body)
		await holds(`${method} ${path} takes a body as it is described`, () =>
			describes(operation.requestBody.content[json].schema, JSON.parse(body), path))
}

await holds('a refusal answers what is described', async () => {
	const read = await get('/v1/tenant')
	assert.equal(read.status, 401)
	assert.equal(read.headers.get('content-type'), 'application/problem+json')
	describes(document.components.schemas.Problem, await read.json(), 'the problem')
})
