/** One act on several rows, each by itself: what is refused for one of them is done for the others all the same. */
import { TenantdError } from 'ra-data-tenantd'
import type { RaRecord } from 'react-admin'

/** What came of it for one row: what the server answered, or why it did not. */
export type Outcome = { record: RaRecord; answer: unknown; error?: undefined } | { record: RaRecord; error: unknown }

export type RowAct = (record: RaRecord, meta: { dryRun: boolean }) => Promise<unknown>

// More at once would hold the workers that others wait for.
const AT_ONCE = 4

export async function eachRow(records: RaRecord[], act: (record: RaRecord) => Promise<unknown>, told: (done: number) => void): Promise<Outcome[]> {
	const outcomes: Outcome[] = []
	let next = 0
	let done = 0
	const some = async () => {
		for (let at = next++; at < records.length; at = next++) {
			const record = records[at] as RaRecord
			outcomes[at] = await act(record).then(
				(answer) => ({ record, answer }),
				(error: unknown) => ({ record, error }),
			)
			told(++done)
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, some))
	return outcomes
}

export const isRefused = (outcome: Outcome) => 'error' in outcome && outcome.error !== undefined
export const isLost = (error: unknown) => error instanceof TenantdError && error.status === 412
