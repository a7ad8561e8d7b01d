// The little that the scripts here share: named cases, told as TAP.
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
