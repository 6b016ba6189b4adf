package store

// incidentSchema holds incidents and their timelines. join_key is the hash of what
// their observations have in common: one row for each, ever.
func incidentSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS incidents (
			id           {id} NOT NULL PRIMARY KEY,
			join_key     {key} NOT NULL UNIQUE,
			key_kind     {key} NOT NULL,
			key_value    {text} NOT NULL,
			title        {text} NOT NULL,
			severity     {rank} NOT NULL,
			state        {key} NOT NULL,
			joined_by    {key} NOT NULL,
			sensors      {text} NOT NULL,
			observations {int} NOT NULL,
			entries      {int} NOT NULL,
			regressed    {bool} NOT NULL,
			rule         {key} NOT NULL,
			secret_type  {key} NOT NULL,
			redacted     {text} NOT NULL,
			source_ip    {key} NOT NULL,
			program      {text} NOT NULL,
			assignee     {key} NOT NULL,
			reason       {text} NOT NULL,
			opened_at    {time} NOT NULL,
			seen_at      {time} NOT NULL,
			closed_at    {time},
			updated_at   {time} NOT NULL,
			version      {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incidents_by_state ON incidents (state, id)`,
		`CREATE INDEX IF NOT EXISTS incidents_by_severity ON incidents (severity, id)`,
		`CREATE INDEX IF NOT EXISTS incidents_by_assignee ON incidents (assignee, id)`,

		`CREATE TABLE IF NOT EXISTS incident_entries (
			id          {id} NOT NULL PRIMARY KEY,
			incident_id {id} NOT NULL,
			at          {time} NOT NULL,
			kind        {key} NOT NULL,
			sensor      {key} NOT NULL,
			severity    {rank} NOT NULL,
			event_id    {key} NOT NULL,
			topic       {key} NOT NULL,
			words       {text} NOT NULL,
			place       {text} NOT NULL,
			source_ip   {key} NOT NULL,
			program     {text} NOT NULL,
			made_by     {key} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_entries_by_incident ON incident_entries (incident_id, id)`,
	}
}
