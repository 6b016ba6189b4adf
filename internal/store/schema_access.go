package store

// auditSchema holds the signed checkpoints of the audit log and the indexes of
// its list, which is ordered by number.
func auditSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS audit_checkpoints (
			seq        {int} NOT NULL PRIMARY KEY,
			hash       {key} NOT NULL,
			time       {time} NOT NULL,
			key_id     {key} NOT NULL,
			public_key {key} NOT NULL,
			signature  {key} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS audit_by_actor ON audit_log (actor_name, seq)`,
		`CREATE INDEX IF NOT EXISTS audit_by_action ON audit_log (action, seq)`,
		`CREATE INDEX IF NOT EXISTS audit_by_time ON audit_log (time, seq)`,
	}
}

// loginSchema holds who is logged in, who may not log in, and what keys are
// narrowed to. A table of its own for each, because a column cannot be added
// twice without harm on every database. The sessions of earlier versions are
// dropped: people log in once more.
func loginSchema() []string {
	return []string{
		`DROP TABLE IF EXISTS sessions`,
		`CREATE TABLE IF NOT EXISTS login_sessions (
			id         {id} NOT NULL PRIMARY KEY,
			token_hash {key} NOT NULL UNIQUE,
			user_id    {id} NOT NULL,
			user_name  {key} NOT NULL,
			mark       {key} NOT NULL,
			created_at {time} NOT NULL,
			seen_at    {time} NOT NULL,
			expires_at {time} NOT NULL,
			addr       {key} NOT NULL,
			agent      {text} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS login_sessions_by_user ON login_sessions (user_id, id)`,
		`CREATE INDEX IF NOT EXISTS login_sessions_by_expiry ON login_sessions (expires_at)`,

		`CREATE TABLE IF NOT EXISTS disabled_users (
			user_id     {id} NOT NULL PRIMARY KEY,
			disabled_at {time} NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS api_key_scopes (
			key_id {id} NOT NULL PRIMARY KEY,
			scopes {text} NOT NULL)`,
	}
}
