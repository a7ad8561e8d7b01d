export type Enrollment = 'join' | 'invite'

export interface Domain {
	id: string
	name: string
	status: 'pending' | 'verified'
	enrollment: Enrollment
	record: { type: string; name: string; value: string }
	problem: string | null
	verified_at: string | null
	checked_at: string | null
	next_check_at: string | null
	missing_since: string | null
}
