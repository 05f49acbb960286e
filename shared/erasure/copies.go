package erasure

import "time"

// Copy is a place that may reveal a contact for some time after its erasure.
type Copy struct {
	Where string
	For   time.Duration
}

// Copies lists the places. Backups are not among them: they hold sealed contacts alone, and never the
// keys.
func Copies() []Copy {
	const day = 24 * time.Hour
	return []Copy{
		{"instance_memory", time.Minute},  // the keys that an instance has just used
		{"replayed_answers", day},         // to whom has the Idempotency-Key alone
		{"exports", 7 * day},              // files of exports that were asked for before
		{"queued_requests", 14 * day},     // queues, and their dead letters
		{"keys_table_recovery", 35 * day}, // point-in-time recovery of the keys table
	}
}
