package store

// rulesSchema holds what operators did to detection rules. patterns_history
// has the columns that the sentinel's plan names. rule_hits counts findings, so
// that the list of rules need not count a million rows.
func rulesSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS detection_rules (
			rule       {key} NOT NULL PRIMARY KEY,
			origin     {key} NOT NULL,
			definition {json} NOT NULL,
			version    {int} NOT NULL,
			updated_at {time} NOT NULL,
			updated_by {key} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS patterns_history (
			id              {id} NOT NULL PRIMARY KEY,
			pattern_name    {key} NOT NULL,
			old_regex       {text},
			new_regex       {text},
			action          {key} NOT NULL,
			confidence      {real} NOT NULL,
			status          {key} NOT NULL,
			submitted_by    {key} NOT NULL,
			approved_by     {key},
			decision_reason {text} NOT NULL,
			timestamp       {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS patterns_history_by_name ON patterns_history (pattern_name, id)`,

		`CREATE TABLE IF NOT EXISTS rule_hits (
			day   {day} NOT NULL,
			rule  {key} NOT NULL,
			total {int} NOT NULL,
			PRIMARY KEY (day, rule))`,
	}
}
