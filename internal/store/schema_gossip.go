package store

// gossipSchema holds how gossip gateways fare, and what they are to withhold. A
// withheld value's id is its kind and value (of a message id, its hash); seq is the
// number of its last change, from the counter in withheld_head. What is in quarantine
// already is withheld from the beginning.
func gossipSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS gossip_gateways (
			id          {key} NOT NULL PRIMARY KEY,
			state       {key} NOT NULL,
			report      {json} NOT NULL,
			since_at    {time} NOT NULL,
			first_at    {time} NOT NULL,
			reported_at {time} NOT NULL,
			seen_at     {time} NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS gossip_bypasses (
			id         {key} NOT NULL PRIMARY KEY,
			gateway_id {key} NOT NULL,
			peer_a     {text} NOT NULL,
			peer_b     {text} NOT NULL,
			topic      {text} NOT NULL,
			message_id {text} NOT NULL,
			evidence   {text} NOT NULL,
			first_at   {time} NOT NULL,
			last_at    {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS gossip_bypasses_by_gateway ON gossip_bypasses (gateway_id, last_at)`,
		`CREATE TABLE IF NOT EXISTS withheld (
			id         {key} NOT NULL PRIMARY KEY,
			seq        {int} NOT NULL,
			kind       {key} NOT NULL,
			value      {text} NOT NULL,
			blocked    {bool} NOT NULL,
			origin     {key} NOT NULL,
			reason     {text} NOT NULL,
			changed_by {key} NOT NULL,
			changed_at {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS withheld_by_seq ON withheld (seq)`,
		`CREATE INDEX IF NOT EXISTS withheld_by_origin ON withheld (origin, seq)`,
		`CREATE TABLE IF NOT EXISTS withheld_head (
			id  {int} NOT NULL PRIMARY KEY,
			seq {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS quarantine_by_content ON quarantine (full_content_hash, fingerprint)`,
		`INSERT INTO withheld (id, seq, kind, value, blocked, origin, reason, changed_by, changed_at)
			SELECT CONCAT('fingerprint:', q.fingerprint), ROW_NUMBER() OVER (ORDER BY q.fingerprint), 'fingerprint', q.fingerprint,
				SUM(CASE WHEN q.review_action = 'false_positive' THEN 1 ELSE 0 END) = 0, 'quarantine', 'in quarantine', '', MAX(q.timestamp)
			FROM quarantine q WHERE NOT EXISTS (SELECT 1 FROM withheld) GROUP BY q.fingerprint`,
		`INSERT INTO withheld (id, seq, kind, value, blocked, origin, reason, changed_by, changed_at)
			SELECT CONCAT('content_hash:', q.full_content_hash), (SELECT MAX(seq) FROM withheld) + ROW_NUMBER() OVER (ORDER BY q.full_content_hash), 'content_hash', q.full_content_hash,
				SUM(CASE WHEN w.blocked THEN 1 ELSE 0 END) > 0, 'quarantine', 'in quarantine', '', MAX(q.timestamp)
			FROM quarantine q JOIN withheld w ON w.id = CONCAT('fingerprint:', q.fingerprint)
			WHERE NOT EXISTS (SELECT 1 FROM withheld WHERE kind = 'content_hash') GROUP BY q.full_content_hash`,
	}
}
