package store

// letterSchema holds what narrows a webhook, and the indexes of the delivery
// log: of a list by event, and of what is old enough to go.
func letterSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS subscription_filters (
			subscription_id {key} NOT NULL PRIMARY KEY,
			min_confidence  {real} NOT NULL,
			rules           {json} NOT NULL,
			sources         {json} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (subscription_id, state, event_id)`,
		`CREATE INDEX IF NOT EXISTS deliveries_by_age ON deliveries (state, next_attempt)`,
	}
}

// silenceSchema holds what keeps webhooks quiet for a while. scope is what a
// silence hides and from whom.
func silenceSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS silences (
			id           {id} NOT NULL PRIMARY KEY,
			scope        {json} NOT NULL,
			max_severity {rank} NOT NULL,
			reason       {text} NOT NULL,
			made_by      {key} NOT NULL,
			created_at   {time} NOT NULL,
			until_at     {time} NOT NULL,
			ended_at     {time},
			ended_by     {key} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS silences_by_end ON silences (until_at)`,
	}
}

// mannerSchema holds how and when webhooks are told, where they say so.
func mannerSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS subscription_manners (
			subscription_id {key} NOT NULL PRIMARY KEY,
			manner          {json} NOT NULL)`,
	}
}

// escalationSchema holds the timers of incidents that nobody has acknowledged: one for
// each webhook that was told. due_at is null when all its steps were.
func escalationSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS escalations (
			id          {key} NOT NULL PRIMARY KEY,
			incident_id {key} NOT NULL,
			webhook     {key} NOT NULL,
			since       {time} NOT NULL,
			step        {int} NOT NULL,
			due_at      {time})`,
		`CREATE INDEX IF NOT EXISTS escalations_by_time ON escalations (due_at)`,
		`CREATE INDEX IF NOT EXISTS escalations_by_incident ON escalations (incident_id)`,
	}
}
