// @supabase/postgrest-js, as it comes from its package, on a registered table.
import { strict as assert } from 'node:assert'
import { createRequire } from 'node:module'

import { holds, need } from './cases.mjs'

const { PostgrestClient } = createRequire(need('CLIENT_MODULES'))('@supabase/postgrest-js')
const client = token => new PostgrestClient(`${need('CLIENT_URL')}/v1/data`, { headers: { Authorization: `Bearer ${token}` } })
const notes = () => client(need('CLIENT_TOKEN')).from('client_notes')
const foreign = () => client(need('CLIENT_FOREIGN_TOKEN')).from('client_notes')

// The data of an answer that must be none of an error.
async function data(request) {
	const answer = await request
	assert.equal(answer.error, null, JSON.stringify(answer.error))
	return answer.data
}
const titles = async request => (await data(request)).map(row => row.title)

// Five rows to read: alpha … echo.
const seeded = await data(notes().insert([
	{ title: 'alpha', body: 'the first', score: 1, extra: { colour: 'red' }, priority: 'high', done: true, due: '2030-01-01T00:00:00Z', code: 'a' },
	{ title: 'bravo', body: 'with, a comma (and more)', score: 2, code: 'b', tags: ['x', 'y'] },
	{ title: 'charlie', body: null, score: 3, code: 'c', due: '2031-06-01T12:00:00+02:00' },
	{ title: 'delta', body: 'say "so"', score: null, code: 'd' },
	{ title: 'echo', body: '100% \\ done', score: 5, done: true, code: 'e' },
], { defaultToNull: false }).select())
const id = Object.fromEntries(seeded.map(row => [row.title, row.id]))

await holds('insert of many answers the rows that were made', () => {
	assert.deepEqual(seeded.map(row => row.title), ['alpha', 'bravo', 'charlie', 'delta', 'echo'])
	assert.deepEqual(seeded.map(row => row.priority), ['high', 'low', 'low', 'low', 'low'])
	assert.deepEqual(seeded.map(row => row.version), [1, 1, 1, 1, 1])
})

await holds('select reads every row', async () => assert.equal((await data(notes().select())).length, 5))
await holds('select names columns', async () => {
	const [row] = await data(notes().select('title, points:score').eq('title', 'alpha'))
	assert.deepEqual(row, { title: 'alpha', points: 1 })
})

const finds = (what, request, wanted) =>
	holds(`${what} finds ${wanted.join(', ') || 'nothing'}`, async () => assert.deepEqual(await titles(request().order('title')), wanted))
const all = () => notes().select()

await finds('eq', () => all().eq('score', 2), ['bravo'])
await finds('eq of a boolean', () => all().eq('done', true), ['alpha', 'echo'])
await finds('eq of an enum', () => all().eq('priority', 'high'), ['alpha'])
await finds('eq of a time', () => all().eq('due', '2031-06-01T10:00:00Z'), ['charlie'])
await finds('eq of a text with a comma', () => all().eq('body', 'with, a comma (and more)'), ['bravo'])
await finds('eq of a text with quotes', () => all().eq('body', 'say "so"'), ['delta'])
await finds('neq', () => all().neq('score', 2), ['alpha', 'charlie', 'echo'])
await finds('gt', () => all().gt('score', 2), ['charlie', 'echo'])
await finds('gte', () => all().gte('score', 2), ['bravo', 'charlie', 'echo'])
await finds('lt', () => all().lt('score', 2), ['alpha'])
await finds('lte', () => all().lte('score', 2), ['alpha', 'bravo'])
await finds('two tests of one column', () => all().gt('score', 1).lt('score', 5), ['bravo', 'charlie'])
await finds('like', () => all().like('title', '%a'), ['alpha', 'delta'])
await finds('like with a star', () => all().like('title', '*ra*'), ['bravo'])
await finds('like with one character', () => all().like('title', 'ech_'), ['echo'])
await finds('ilike', () => all().ilike('title', 'ALPH%'), ['alpha'])
await finds('in', () => all().in('title', ['alpha', 'echo', 'foxtrot']), ['alpha', 'echo'])
await finds('in with commas and quotes', () => all().in('body', ['with, a comma (and more)', 'say "so"']), ['bravo', 'delta'])
await finds('is null', () => all().is('score', null), ['delta'])
await finds('is true', () => all().is('done', true), ['alpha', 'echo'])
await finds('is false', () => all().is('done', false), ['bravo', 'charlie', 'delta'])
await finds('not is null', () => all().not('body', 'is', null), ['alpha', 'bravo', 'delta', 'echo'])
await finds('not eq', () => all().not('title', 'eq', 'alpha'), ['bravo', 'charlie', 'delta', 'echo'])
await finds('not in', () => all().not('title', 'in', '(alpha,bravo)'), ['charlie', 'delta', 'echo'])
await finds('or', () => all().or('title.eq.alpha,score.gte.5'), ['alpha', 'echo'])
await finds('or with a group in it', () => all().or('title.eq.delta,and(score.gt.1,score.lt.3)'), ['bravo', 'delta'])
await finds('or with in', () => all().or('title.in.(alpha,bravo),score.is.null'), ['alpha', 'bravo', 'delta'])
await finds('or with not', () => all().or('done.not.is.true,title.eq.alpha'), ['alpha', 'bravo', 'charlie', 'delta'])
await finds('or and a test beside it', () => all().or('score.eq.1,score.eq.2').eq('done', false), ['bravo'])
await finds('filter', () => all().filter('score', 'eq', '3'), ['charlie'])
await finds('match', () => all().match({ done: true, priority: 'low' }), ['echo'])

await finds('like of any', () => all().likeAnyOf('title', ['a%', '%o']), ['alpha', 'bravo', 'echo'])
await finds('like of all', () => all().likeAllOf('title', ['%l%', '%a']), ['alpha', 'delta'])
await finds('ilike of any', () => all().ilikeAnyOf('title', ['AL%', 'ECHO']), ['alpha', 'echo'])
await finds('eq of any', () => all().filter('score', 'eq(any)', '{1,2}'), ['alpha', 'bravo'])
await finds('a regular expression', () => all().filter('title', 'match', '^[ab]'), ['alpha', 'bravo'])
await finds('a regular expression of any case', () => all().filter('title', 'imatch', '^A|TA$'), ['alpha', 'delta'])
await finds('isdistinct', () => all().filter('score', 'isdistinct', '1'), ['bravo', 'charlie', 'delta', 'echo'])
await finds('contains of an array', () => all().contains('tags', ['x']), ['bravo'])
await finds('containedBy of an array', () => all().containedBy('tags', ['x', 'y', 'z']), ['bravo'])
await finds('overlaps of an array', () => all().overlaps('tags', ['y', 'q']), ['bravo'])
await finds('contains of an object', () => all().contains('extra', { colour: 'red' }), ['alpha'])
await finds('containedBy of an object', () => all().containedBy('extra', { colour: 'red', size: 1 }), ['alpha'])
await finds('a path into JSON', () => all().eq('extra->>colour', 'red'), ['alpha'])
await finds('a path into JSON that is not there', () => all().not('extra->a->>b', 'is', null), [])
await finds('or with a path into JSON', () => all().or('extra->>colour.eq.red,score.eq.2'), ['alpha', 'bravo'])
await holds('select takes a path into JSON', async () =>
	assert.deepEqual(await data(notes().select('title, extra->>colour, all:extra->colour').eq('title', 'alpha')),
		[{ title: 'alpha', colour: 'red', all: 'red' }]))
await finds('or with blanks and a list', () => all().or('title.like(any).{al*,ec*}, and(score.gt.1, score.lt.3)'), ['alpha', 'bravo', 'echo'])
await holds('a regular expression that is none is refused by name', async () => {
	const answer = await all().filter('title', 'match', '(')
	assert.equal(answer.status, 400)
	assert.equal(answer.error.errors[0].field, 'title')
})

await holds('order descends, nulls last', async () =>
	assert.deepEqual(await titles(all().order('score', { ascending: false, nullsFirst: false })),
		['echo', 'charlie', 'bravo', 'alpha', 'delta']))
await holds('order ascends, nulls first', async () =>
	assert.deepEqual(await titles(all().order('score', { nullsFirst: true })), ['delta', 'alpha', 'bravo', 'charlie', 'echo']))
await holds('order goes by two columns', async () =>
	assert.deepEqual(await titles(all().order('done', { ascending: false }).order('title', { ascending: false })),
		['echo', 'alpha', 'delta', 'charlie', 'bravo']))
await holds('limit ends the list', async () =>
	assert.deepEqual(await titles(all().order('title').limit(2)), ['alpha', 'bravo']))
await holds('range takes from the middle', async () =>
	assert.deepEqual(await titles(all().order('title').range(1, 3)), ['bravo', 'charlie', 'delta']))
await holds('range beyond the end finds nothing', async () =>
	assert.deepEqual(await titles(all().order('title').range(50, 60)), []))

await holds('count: exact counts all that is found', async () => {
	const answer = await notes().select('title', { count: 'exact' }).eq('done', false).order('title').limit(1)
	assert.equal(answer.error, null)
	assert.equal(answer.count, 3)
	assert.equal(answer.status, 206)
	assert.deepEqual(answer.data, [{ title: 'bravo' }])
})
await holds('count: planned and estimated count as well', async () => {
	for (const count of ['planned', 'estimated'])
		assert.equal((await notes().select('title', { count }).limit(1)).count, 5)
})
await holds('range beyond what is counted is not satisfiable', async () => {
	const answer = await notes().select('title', { count: 'exact' }).range(50, 60)
	assert.equal(answer.status, 416)
	assert.equal(answer.error.code, 'range_not_satisfiable')
})
await holds('a Range header is a range', async () => {
	const answer = await notes().select('title', { count: 'exact' }).order('title').setHeader('Range', '1-2')
	assert.deepEqual([answer.status, answer.count], [206, 5])
	assert.deepEqual(answer.data.map(row => row.title), ['bravo', 'charlie'])
})
await holds('csv is not spoken', async () => assert.equal((await notes().select().csv()).status, 406))
await holds('head counts and answers no rows', async () => {
	const answer = await notes().select('*', { count: 'exact', head: true })
	assert.equal(answer.error, null)
	assert.equal(answer.count, 5)
	assert.equal(answer.data, null)
})
await holds('single answers an object', async () =>
	assert.equal((await data(all().eq('title', 'alpha').single())).id, id.alpha))
await holds('single of none is an error', async () => {
	const answer = await all().eq('title', 'zulu').single()
	assert.equal(answer.data, null)
	assert.equal(answer.status, 406)
	assert.equal(answer.error.code, 'not_acceptable')
})
await holds('single of many is an error', async () => assert.equal((await all().single()).status, 406))
await holds('maybeSingle answers an object', async () =>
	assert.equal((await data(all().eq('title', 'alpha').maybeSingle())).id, id.alpha))
await holds('maybeSingle of none is null and no error', async () =>
	assert.equal(await data(all().eq('title', 'zulu').maybeSingle()), null))
await holds('maybeSingle of many is an error', async () => assert.notEqual((await all().maybeSingle()).error, null))

await holds('an unknown column is refused by name', async () => {
	const answer = await all().eq('colour', 'red')
	assert.equal(answer.status, 400)
	assert.equal(answer.error.code, 'invalid_request')
	assert.equal(answer.error.errors[0].field, 'colour')
})

await holds('insert without select makes the row', async () => {
	const answer = await notes().insert({ title: 'foxtrot', code: 'f' })
	assert.equal(answer.error, null)
	assert.equal(answer.status, 201)
	assert.equal((await data(all().eq('code', 'f').single())).title, 'foxtrot')
})
await holds('insert with select and single answers the row', async () => {
	const row = await data(notes().insert({ title: 'golf', code: 'g' }).select('title, version').single())
	assert.deepEqual(row, { title: 'golf', version: 1 })
})
await holds('insert of many is all or nothing', async () => {
	const answer = await notes().insert([{ title: 'hotel' }, { title: null }])
	assert.equal(answer.status, 400)
	assert.deepEqual(await data(all().eq('title', 'hotel')), [])
})
await holds('insert of a field that the caller may not set is refused by name', async () => {
	const answer = await notes().insert({ title: 'x', tenant_id: '11111111-1111-4111-8111-111111111111' })
	assert.equal(answer.status, 400)
	assert.equal(answer.error.errors[0].field, 'tenant_id')
})
await holds('insert of a value that is taken is a conflict', async () =>
	assert.equal((await notes().insert({ title: 'again', code: 'a' })).status, 409))

await holds('update changes what the filter finds', async () => {
	const rows = await data(notes().update({ done: true }).in('title', ['foxtrot', 'golf']).select('title, done, version'))
	assert.deepEqual(rows.map(row => row.title).sort(), ['foxtrot', 'golf'])
	assert.deepEqual(rows.map(row => [row.done, row.version]), [[true, 2], [true, 2]])
})
await holds('update counts', async () => {
	const answer = await notes().update({ score: 6 }, { count: 'exact' }).eq('title', 'foxtrot')
	assert.equal(answer.error, null)
	assert.equal(answer.count, 1)
	assert.equal((await data(all().eq('title', 'foxtrot').single())).score, 6)
})
await holds('update answers in the order asked for', async () => {
	const rows = await data(notes().update({ priority: 'low' }).in('code', ['f', 'g']).select('title').order('title', { ascending: false }))
	assert.deepEqual(rows.map(row => row.title), ['golf', 'foxtrot'])
})
await holds('insert answers in the order asked for, and counts', async () => {
	const answer = await notes().insert([{ title: 'x2', code: 'x2' }, { title: 'x3', code: 'x3' }, { title: 'x1', code: 'x1' }], { count: 'exact' })
		.select('title').order('title')
	assert.equal(answer.error, null)
	assert.equal(answer.count, 3)
	assert.deepEqual(answer.data.map(row => row.title), ['x1', 'x2', 'x3'])
})
await holds('maxAffected holds update and delete back', async () => {
	for (const request of [notes().update({ score: 9 }), notes().delete()]) {
		const answer = await request.like('title', 'x_').maxAffected(2)
		assert.equal(answer.status, 400)
		assert.equal(answer.error.code, 'too_many_affected')
	}
	assert.deepEqual(await titles(all().like('title', 'x_').is('score', null).order('title')), ['x1', 'x2', 'x3'])
})
await holds('delete within maxAffected answers in the order asked for', async () => {
	const rows = await data(notes().delete().like('title', 'x_').maxAffected(3).select('title').order('title', { ascending: false }))
	assert.deepEqual(rows.map(row => row.title), ['x3', 'x2', 'x1'])
})
await holds('rollback is a rehearsal', async () => {
	assert.equal((await data(notes().insert({ title: 'zulu' }).select().rollback())).length, 1)
	assert.deepEqual(await data(all().eq('title', 'zulu')), [])
})
await holds('update of none with maybeSingle is null and no error', async () =>
	assert.equal(await data(notes().update({ score: 1 }).eq('title', 'zulu').select().maybeSingle()), null))
await holds('update of many with maybeSingle is an error and changes nothing', async () => {
	const answer = await notes().update({ score: 77 }).in('code', ['f', 'g']).select().maybeSingle()
	assert.equal(answer.status, 406)
	assert.deepEqual(await data(all().eq('score', 77)), [])
})
await holds('an error has the words that the client shows', async () => {
	const answer = await notes().insert({ title: 'again', code: 'a' })
	assert.equal(answer.error.message, 'another object has the same value')
	const refused = await all().eq('colour', 'red')
	assert.equal(refused.error.message, 'colour is not a column of this resource')
	await assert.rejects(async () => await all().eq('colour', 'red').throwOnError(), { name: 'PostgrestError', message: /colour/ })
})
await holds('update without a filter is refused', async () => assert.equal((await notes().update({ score: 0 })).status, 400))

await holds('upsert makes a row', async () => {
	const row = await data(notes().upsert({ title: 'hotel', code: 'h' }, { onConflict: 'code' }).select().single())
	assert.equal(row.version, 1)
	id.hotel = row.id
})
await holds('upsert changes the row that is there', async () => {
	const row = await data(notes().upsert({ title: 'hotel two', code: 'h' }, { onConflict: 'code' }).select().single())
	assert.deepEqual([row.id, row.title, row.version], [id.hotel, 'hotel two', 2])
})
await holds('upsert by the key changes the row that is there', async () => {
	const row = await data(notes().upsert({ id: id.hotel, title: 'hotel three', code: 'h' }).select().single())
	assert.deepEqual([row.id, row.title, row.version], [id.hotel, 'hotel three', 3])
})
await holds('upsert that ignores duplicates leaves it', async () => {
	await data(notes().upsert({ title: 'hotel four', code: 'h' }, { onConflict: 'code', ignoreDuplicates: true }))
	assert.equal((await data(all().eq('id', id.hotel).single())).title, 'hotel three')
})
await holds('upsert of many makes and changes', async () => {
	const rows = await data(notes().upsert([{ title: 'hotel five', code: 'h' }, { title: 'india', code: 'i' }], { onConflict: 'code' }).select('title'))
	assert.deepEqual(rows.map(row => row.title).sort(), ['hotel five', 'india'])
})

await holds('a registered function is called on a row', async () => {
	const answer = await fetch(`${need('CLIENT_URL')}/v1/data/client_notes/${id.bravo}/finish`,
		{ method: 'POST', headers: { authorization: `Bearer ${need('CLIENT_TOKEN')}` } })
	assert.equal(answer.status, 200)
	assert.equal(await answer.json(), 'bravo')
	assert.equal((await data(all().eq('id', id.bravo).single())).done, true)
})

await holds('delete takes what the filter finds, and answers it', async () => {
	const rows = await data(notes().delete().eq('title', 'india').select('title'))
	assert.deepEqual(rows, [{ title: 'india' }])
})
await holds('delete counts', async () => {
	const answer = await notes().delete({ count: 'exact' }).in('code', ['f', 'g'])
	assert.equal(answer.error, null)
	assert.equal(answer.status, 204)
	assert.equal(answer.count, 2)
})
await holds('delete without a filter is refused', async () => {
	assert.equal((await notes().delete()).status, 400)
	assert.equal((await data(all())).length, 6)
})

await holds('another tenant sees none of it', async () => assert.deepEqual(await data(foreign().select()), []))
await holds('another tenant changes none of it', async () => {
	assert.deepEqual(await data(foreign().update({ title: 'mine' }).gt('score', 0).select()), [])
	assert.deepEqual(await data(foreign().delete().gt('score', 0).select()), [])
	assert.deepEqual(await titles(all().gt('score', 0).order('title')), ['alpha', 'bravo', 'charlie', 'echo'])
})
await holds('another tenant may use the same values', async () =>
	assert.equal((await foreign().insert({ title: 'theirs', code: 'a' })).status, 201))
