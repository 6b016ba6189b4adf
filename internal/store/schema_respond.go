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

// actionSchema holds what playbooks want done. cause is the hash of playbook, event,
// kind and target: an event is answered once. action_drops counts what was too many
// within an hour.
func actionSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS actions (
			id             {id} NOT NULL PRIMARY KEY,
			cause          {key} NOT NULL UNIQUE,
			playbook       {key} NOT NULL,
			kind           {key} NOT NULL,
			target         {key} NOT NULL,
			lasts_s        {int} NOT NULL,
			message        {text} NOT NULL,
			event_id       {id} NOT NULL,
			topic          {text} NOT NULL,
			correlation_id {text} NOT NULL,
			severity       {rank} NOT NULL,
			state          {key} NOT NULL,
			created_at     {time} NOT NULL,
			expires_at     {time} NOT NULL,
			decided_at     {time},
			decided_by     {key} NOT NULL,
			reason         {text} NOT NULL,
			result         {text} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS actions_by_state ON actions (state, id)`,
		`CREATE INDEX IF NOT EXISTS actions_by_playbook ON actions (playbook, created_at)`,
		`CREATE TABLE IF NOT EXISTS action_drops (
			playbook {key} NOT NULL PRIMARY KEY,
			dropped  {int} NOT NULL)`,
	}
}
