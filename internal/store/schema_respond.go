package store

// blockSchema holds the block list. cause is the entry's id, or, of one that a playbook
// made, the hash of what it answers: an event is answered once.
func blockSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS blocks (
			id         {id} NOT NULL PRIMARY KEY,
			cause      {key} NOT NULL UNIQUE,
			network    {key} NOT NULL,
			origin     {key} NOT NULL,
			made_by    {key} NOT NULL,
			event_id   {id} NOT NULL,
			reason     {text} NOT NULL,
			created_at {time} NOT NULL,
			until_at   {time} NOT NULL,
			ended_at   {time},
			ended_by   {key} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS blocks_by_end ON blocks (until_at)`,
	}
}
