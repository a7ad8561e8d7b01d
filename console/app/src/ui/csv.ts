/** Rows as a CSV file that spreadsheets read, and in which none of them finds a formula. */
export type Cell = unknown

function cell(value: Cell): string {
	if (value === null || value === undefined) return ''
	const shown = typeof value === 'object' ? JSON.stringify(value) : String(value)
	const harmless = typeof value === 'string' && /^[=+\-@\t\r]/.test(shown) ? `'${shown}` : shown
	return /[",\r\n]/.test(harmless) ? `"${harmless.replace(/"/g, '""')}"` : harmless
}

export const csvRows = (columns: string[], rows: Record<string, Cell>[]): string[] => rows.map((row) => columns.map((name) => cell(row[name])).join(','))

export const csvOf = (columns: string[], rows: Record<string, Cell>[]): string => [columns.map(cell).join(','), ...csvRows(columns, rows)].join('\r\n')

/** Has the browser save bytes as a file. */
export function saveAs(name: string, bytes: Blob): void {
	const link = document.createElement('a')
	link.href = URL.createObjectURL(bytes)
	link.download = name
	link.click()
	URL.revokeObjectURL(link.href)
}

export const download = (name: string, csv: string) => saveAs(name, new Blob([csv], { type: 'text/csv;charset=utf-8' }))
