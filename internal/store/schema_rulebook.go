package store

// rulebookSchema holds what operators did to anomaly rules. Of a rule from a file the row
// says only whether it is on: its text is empty.
func rulebookSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS anomaly_rules (
			rule       {key} NOT NULL PRIMARY KEY,
			origin     {key} NOT NULL,
			definition {text} NOT NULL,
			enabled    {bool} NOT NULL,
			version    {int} NOT NULL,
			updated_at {time} NOT NULL,
			updated_by {key} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS anomaly_rule_history (
			id       {id} NOT NULL PRIMARY KEY,
			rule     {key} NOT NULL,
			action   {key} NOT NULL,
			what     {text} NOT NULL,
			old_text {text},
			new_text {text},
			who      {key} NOT NULL,
			reason   {text} NOT NULL,
			time     {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS anomaly_rule_history_by_rule ON anomaly_rule_history (rule, id)`,
	}
}
