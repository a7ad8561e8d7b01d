import createCache from '@emotion/cache'
import { CacheProvider } from '@emotion/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router-dom'
import { App } from './App'
import { type Language, LanguageProvider } from './messages'
import { LANGUAGES, language } from './messages/choice'
import { SessionProvider } from './session/Session'
import { ModeProvider } from './ui/mode'

// Speedy: rules are inserted by script into an empty <style>, whose digest the Content-Security-Policy names. So no style
// has to be allowed inline.
const cache = createCache({ key: 'c', speedy: true })

const root = document.getElementById('root')
if (!root) throw new Error('the page has no #root')
document.documentElement.lang = language
const show = (spoken: Language) =>
	createRoot(root).render(
		<StrictMode>
			<CacheProvider value={cache}>
				<LanguageProvider language={spoken}>
					<ModeProvider>
						<BrowserRouter basename="/console">
							<SessionProvider>
								<App />
							</SessionProvider>
						</BrowserRouter>
					</ModeProvider>
				</LanguageProvider>
			</CacheProvider>
		</StrictMode>,
	)

void LANGUAGES[language]?.load().then(show)
