/** The bytes of a row, with how far they are: browsers tell the progress of an upload to XMLHttpRequest alone. */
import type { Client } from './client.js'
import { TenantdError } from './problem.js'

export type Progress = (fraction: number) => void

function put(client: Client, path: string, file: File, progress: Progress): Promise<void> {
	return new Promise((done, fail) => {
		const request = new XMLHttpRequest()
		request.open('PUT', `${path}/content`)
		if (client.tenant) request.setRequestHeader('X-Tenant-ID', client.tenant)
		request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
		request.upload.onprogress = (event) => progress(event.loaded / event.total)
		request.onload = () => (request.status < 300 ? done() : fail(client.refusal(request.status, request.statusText, request.responseText)))
		request.onerror = () => fail(new TypeError('the server did not answer'))
		request.send(file)
	})
}

/**
 * Stores a file as the bytes of a row, in place of those that it had; once more when the session was over and there is a new one.
 * `path` is that of the row.
 */
export async function putContent(client: Client, path: string, file: File, progress: Progress): Promise<void> {
	try {
		await put(client, path, file, progress)
	} catch (error) {
		if (!(error instanceof TenantdError && error.status === 401 && (await client.signInAgain()))) throw error
		await put(client, path, file, progress)
	}
}

/** The bytes of a row. */
export async function getContent(client: Client, path: string, progress: Progress): Promise<Blob> {
	const { body, headers } = await client.stream(`${path}/content`)
	const length = Number(headers.get('Content-Length')) || 0
	const pieces: BlobPart[] = []
	let loaded = 0
	for (const reader = body.getReader(); ; ) {
		const { value, done } = await reader.read()
		if (done) break
		pieces.push(value)
		loaded += value.length
		if (length) progress(loaded / length)
	}
	return new Blob(pieces, { type: headers.get('Content-Type') ?? 'application/octet-stream' })
}
