// The console in German, for somebody whose browser asks for it; the texts of both languages; and the way to another one.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { holds } from '../client/cases.mjs'
import { button, closeBrowser, field, isOpenToAll, link, PASSWORD, person } from './browser.mjs'

const texts = (name) =>
	new Map([...readFileSync(`console/app/src/messages/${name}.ts`, 'utf8').matchAll(/^\t'?([a-z_.]+)'?: (['"])(.*)\2,$/gm)].map((m) => [m[1], m[3]]))
const holes = (text) => [...text.matchAll(/%\{\w+\}/g)].map((m) => m[0]).sort()

await holds('each text has the same places for values in both languages', () => {
	const [en, de] = [texts('en'), texts('de')]
	assert.ok(en.size > 300)
	for (const [key, text] of en) assert.deepEqual(holes(de.get(key) ?? ''), holes(text), key)
})

const { page, complaints } = await person({ locale: 'de-DE' })
await holds('a browser that asks for German gets it', async () => {
	await page.goto('/console/signup')
	await page.getByRole('heading', { name: 'Konto anlegen' }).waitFor()
	assert.equal(await page.locator('html').getAttribute('lang'), 'de')
	await isOpenToAll(page, 'german-signup')
	await button(page, 'Sprache').click()
	await page.getByRole('menuitem', { name: 'English' }).waitFor()
	await page.keyboard.press('Escape')
})
await holds('a refusal is in German where its code is known, and at its field', async () => {
	await field(page, 'Name').fill('Gerda')
	await field(page, 'E-Mail').fill('gerda@example.com')
	await field(page, 'Passwort').fill('password12')
	await button(page, 'Registrieren').click()
	await page.getByText(/leicht zu erraten|häufigsten Passwörter/i).waitFor()
})
await holds('so are the pages behind the sign-in, and those of react-admin', async () => {
	await field(page, 'Passwort').fill(PASSWORD)
	await button(page, 'Registrieren').click()
	await field(page, 'Name der Organisation').fill('Gerdas Werkstatt')
	await button(page, 'Weiter').click()
	await button(page, 'Überspringen').click()
	await button(page, 'Fertig').click()
	await page.getByRole('heading', { name: 'Gerdas Werkstatt', level: 1 }).waitFor()
	await link(page, 'Mitglieder').click()
	await page.getByText('Zeilen je Seite:').waitFor()
	await page.getByText('Inhaber').first().waitFor()
	await isOpenToAll(page, 'german-members')
})
await holds('another language is chosen from a menu, and kept', async () => {
	await button(page, 'Kontomenü').click()
	await page.getByRole('menuitem', { name: 'English' }).click()
	await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor()
	await page.reload()
	await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor()
	assert.equal(await page.locator('html').getAttribute('lang'), 'en')
})
await holds('nothing is written to the browser’s console in German either', () => assert.deepEqual(complaints, []))
await closeBrowser()
