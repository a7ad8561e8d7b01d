import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

// The development server passes the API on to the stack of ./dev up (TENANTD_URL says where else).
const stack = process.env.TENANTD_URL ?? 'http://127.0.0.1:8000'

// lighttpd gives out what is packed already, so that no request has to pay for it.
function packed(): Plugin {
	return {
		name: 'packed',
		apply: 'build',
		async writeBundle({ dir }) {
			const folder = join(dir ?? 'dist', 'assets')
			for (const name of await readdir(folder)) {
				if (!/\.(js|css)$/.test(name)) continue
				const bytes = await promisify(gzip)(await readFile(join(folder, name)), { level: constants.Z_BEST_COMPRESSION })
				await writeFile(join(folder, `${name}.gz`), bytes)
			}
		},
	}
}

// The licences of all packages of which something is given out, as they ask for it.
function licences(): Plugin {
	return {
		name: 'licences',
		apply: 'build',
		async generateBundle() {
			const folders = new Set<string>()
			for (const id of this.getModuleIds()) {
				const found = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)
				if (found) folders.add(found[1])
			}
			const texts = await Promise.all([...folders].map(licenceOf))
			this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.sort().join(`\n${'-'.repeat(80)}\n\n`) })
		},
	}
}

async function licenceOf(folder: string) {
	const { name, version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
	const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.|$)/i.test(name))
	const text = file ? await readFile(join(folder, file), 'utf8') : `By ${author?.name ?? author ?? 'its authors'}.\n`
	return `${name} ${version}: ${license}\n\n${text}`
}

// What react-admin brings along is put in the place of smaller things that do as much as this console needs of it.
const light = (name: string) => fileURLToPath(new URL(`src/light/${name}.ts`, import.meta.url))
const router = join(dirname(createRequire(import.meta.url).resolve('react-router/package.json')), 'dist/production')

const LIGHTER = [
	{ find: /^diacritic$/, replacement: light('diacritic') },
	{ find: /^inflection$/, replacement: light('inflection') },
	{ find: /^jsonexport\/.*$/, replacement: light('jsonexport') },
	{ find: /^lodash\/(\w+)\.js$/, replacement: 'es-toolkit/compat/$1' },
	{ find: /^query-string$/, replacement: light('queryString') },
	{ find: /^react-hotkeys-hook$/, replacement: light('hotkeys') },
	{ find: /^react-router-dom$/, replacement: light('router') },
	// Its package names the files for development, whatever is built.
	{ find: /^react-router$/, replacement: join(router, 'index.mjs') },
]

// Packages that import each other in circles must be in one file, which only the pages behind the sign-in load.
const ADMIN = /node_modules\/(react-admin|ra-[a-z0-9-]+|react-hook-form|@tanstack)\//

// The charts are one file, too, which is loaded when the first of them is shown.
const CHARTS = /app\/src\/charts\//

const chunkOf = (id: string) => (ADMIN.test(id) ? 'admin' : CHARTS.test(id) ? 'charts' : undefined)

export default defineConfig({
	base: '/console/',
	plugins: [packed(), licences()],
	resolve: { alias: LIGHTER },
	esbuild: { jsx: 'automatic', legalComments: 'none' },
	build: {
		target: 'es2021',
		// What is inlined as data: would need a wider Content-Security-Policy.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		chunkSizeWarningLimit: 1600,
		rollupOptions: {
			output: { manualChunks: chunkOf, onlyExplicitManualChunks: true },
			onwarn: (warning, warn) => {
				// Meant for servers that render React, of which there are none here.
				if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
			},
		},
	},
	server: { proxy: { '/v1': { target: stack, changeOrigin: true } } },
})
