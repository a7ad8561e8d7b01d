/** In place of the package jsonexport: the files of lists are written by ui/csv.ts. */
export default function jsonExport() {
	throw new Error('a list needs an exporter of its own')
}
