package store

// anomalySchema holds episodes of what is more than chance. open_key is the hash of
// what an episode is of while it is open, and its id afterwards: nobody can open the
// same one twice. state is open or closed.
func anomalySchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS anomalies (
			id          {id} NOT NULL PRIMARY KEY,
			open_key    {key} NOT NULL UNIQUE,
			state       {key} NOT NULL,
			kind        {key} NOT NULL,
			key_kind    {key} NOT NULL,
			key_value   {key} NOT NULL,
			severity    {rank} NOT NULL,
			source_ip   {key} NOT NULL,
			user_name   {text} NOT NULL,
			detail      {text} NOT NULL,
			events      {int} NOT NULL,
			told        {int} NOT NULL,
			threshold   {int} NOT NULL,
			window_ms   {int} NOT NULL,
			opened_at   {time} NOT NULL,
			seen_at     {time} NOT NULL,
			closed_at   {time})`,
		`CREATE INDEX IF NOT EXISTS anomalies_by_state ON anomalies (state, id)`,
		`CREATE INDEX IF NOT EXISTS anomalies_by_kind ON anomalies (kind, id)`,
		`CREATE INDEX IF NOT EXISTS anomalies_by_key ON anomalies (key_value, id)`,
		`CREATE INDEX IF NOT EXISTS anomalies_by_severity ON anomalies (severity, id)`,
		`CREATE INDEX IF NOT EXISTS anomalies_by_closing ON anomalies (closed_at)`,
	}
}
