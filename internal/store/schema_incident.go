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

// snoozeSchema holds until when incidents are put aside: a row for each that is.
func snoozeSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS incident_snoozes (
			id            {id} NOT NULL PRIMARY KEY,
			snoozed_until {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_snoozes_by_time ON incident_snoozes (snoozed_until)`,
	}
}

// joinSchema holds which incident is part of which, observations that wait for another
// sensor's, what deckies hold that looks like a secret, and who used which API key from
// where.
func joinSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS incident_links (
			id        {id} NOT NULL PRIMARY KEY,
			into_id   {id} NOT NULL,
			merged_at {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_links_by_whole ON incident_links (into_id, id)`,

		`CREATE TABLE IF NOT EXISTS incident_waiting (
			id          {key} NOT NULL PRIMARY KEY,
			join_key    {key} NOT NULL,
			half        {key} NOT NULL,
			seen_at     {time} NOT NULL,
			observation {json} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_waiting_by_key ON incident_waiting (join_key, id)`,
		`CREATE INDEX IF NOT EXISTS incident_waiting_by_time ON incident_waiting (seen_at)`,

		`CREATE TABLE IF NOT EXISTS planted_secrets (
			id         {key} NOT NULL PRIMARY KEY,
			node       {key} NOT NULL,
			decky      {key} NOT NULL,
			place      {text} NOT NULL,
			planted_at {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS planted_secrets_by_decky ON planted_secrets (node, decky)`,

		`CREATE TABLE IF NOT EXISTS api_key_uses (
			id         {key} NOT NULL PRIMARY KEY,
			key_id     {id} NOT NULL,
			address    {key} NOT NULL,
			first_used {time} NOT NULL,
			last_used  {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS api_key_uses_by_time ON api_key_uses (last_used)`,
	}
}

// rankSchema has the lists of incidents that begin with the gravest: each of a state
// and a severity is a range, in the order of the id.
func rankSchema() []string {
	return []string{`CREATE INDEX IF NOT EXISTS incidents_by_rank ON incidents (state, severity, id)`}
}

// omittedSchema counts what timelines left out: a row for each sensor and kind of lines
// of an incident.
func omittedSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS incident_omitted (
			id          {key} NOT NULL PRIMARY KEY,
			incident_id {id} NOT NULL,
			sensor      {key} NOT NULL,
			kind        {key} NOT NULL,
			severity    {rank} NOT NULL,
			times       {int} NOT NULL,
			first_at    {time} NOT NULL,
			last_at     {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_omitted_by_incident ON incident_omitted (incident_id, id)`,
	}
}

// mergerSchema holds how incidents were merged, which a split gives back: of a part how
// both stood, of a whole what it looks like alone, and which two people split, so that
// nothing but people merges them again.
func mergerSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS incident_mergers (
			id             {id} NOT NULL PRIMARY KEY,
			parent_id      {id} NOT NULL,
			part_stood     {json} NOT NULL,
			whole_stood    {json} NOT NULL,
			version_before {int} NOT NULL,
			version_after  {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_mergers_by_parent ON incident_mergers (parent_id, id)`,

		`CREATE TABLE IF NOT EXISTS incident_looks (
			id        {id} NOT NULL PRIMARY KEY,
			severity  {rank} NOT NULL,
			joined_by {key} NOT NULL,
			title     {text} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS incident_apart (
			id      {key} NOT NULL PRIMARY KEY,
			younger {id} NOT NULL,
			elder   {id} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_apart_by_younger ON incident_apart (younger, id)`,
		`CREATE INDEX IF NOT EXISTS incident_apart_by_elder ON incident_apart (elder, id)`,
	}
}

// deedSchema holds how incidents stood before and after what people did last: a row for
// each act that can be taken back.
func deedSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS incident_deeds (
			id          {id} NOT NULL PRIMARY KEY,
			incident_id {id} NOT NULL,
			deed        {json} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS incident_deeds_by_incident ON incident_deeds (incident_id, id)`,
	}
}
