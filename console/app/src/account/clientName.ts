/** "Firefox on Linux" from what a browser says of itself; programs are called by their own names. */
const BROWSERS: [RegExp, string][] = [
	[/Edg\//, 'Edge'],
	[/OPR\//, 'Opera'],
	[/Firefox\//, 'Firefox'],
	[/(Headless)?Chrome\//, 'Chrome'],
	[/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
	[/Android/, 'Android'],
	[/iPhone|iPad/, 'iOS'],
	[/Windows/, 'Windows'],
	[/Mac OS X/, 'macOS'],
	[/Linux|X11/, 'Linux'],
]

const nameIn = (table: [RegExp, string][], agent: string) => table.find(([pattern]) => pattern.test(agent))?.[1]

export function clientName(agent: string | null): string {
	if (!agent) return ''
	const browser = nameIn(BROWSERS, agent)
	const system = nameIn(SYSTEMS, agent)
	return browser ? [browser, system].filter(Boolean).join(' · ') : agent
}
