/** In place of react-router-dom: all of it but the routers that load data, which react-admin makes where it has no router around it. */
export * from 'react-router'

function none(): never {
	throw new Error('the console has a router already')
}
export const createHashRouter = none
export const RouterProvider = none
