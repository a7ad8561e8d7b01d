// The little that the scripts here share: named cases, told as TAP.
import { readFileSync } from 'node:fs'

let number = 0

export async function holds(sentence, body) {
	number++
	try {
		await body()
		console.log(`ok ${number} - ${sentence}`)
	} catch (e) {
		process.exitCode = 1
		console.log(`not ok ${number} - ${sentence}`)
		for (const line of String(e.stack ?? e).split('\n').slice(0, 20)) console.log(`# ${line}`)
	}
}

// What the environment must say.
export function need(name) {
	const value = process.env[name]
	if (!value) throw new Error(`${name} is not set: start this with tests/client/run`)
	return value
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms))

// Waits until `is` holds so many times in a row that every worker has probably answered.
export async function until(is, times = 30) {
	for (let row = 0, end = Date.now() + 60000; row < times; row = (await is()) ? row + 1 : 0) {
		if (Date.now() > end) throw new Error(`this did not come: ${is}`)
		await pause(5)
	}
}

// Has the stack's master read its configuration and its keys again.
export const hangUp = () => process.kill(Number(readFileSync(`${need('CLIENT_STACK')}/pid/tenantd`, 'utf8')), 'SIGHUP')
