/** What an admin can do with an invitation that nobody has answered. */
import type { Client } from 'ra-data-tenantd'

export const resend = (client: Client, id: string) => client.post(`/v1/invitations/${id}/resend`)
export const revoke = (client: Client, id: string) => client.ask(`/v1/invitations/${id}`, { method: 'DELETE' })
export const isOpen = (status: string) => status === 'pending' || status === 'expired'
