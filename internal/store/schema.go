package store

// platformSchema is what the store itself needs.
func platformSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS meta (
			name  {key} NOT NULL PRIMARY KEY,
			value {text} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS event_head (
			id  {int} NOT NULL PRIMARY KEY,
			day {day} NOT NULL,
			seq {int} NOT NULL)`,
		`INSERT INTO event_head (id, day, seq)
			SELECT 1, '', 0 WHERE NOT EXISTS (SELECT 1 FROM event_head WHERE id = 1)`,

		`CREATE TABLE IF NOT EXISTS event_log (
			seq      {int} NOT NULL PRIMARY KEY,
			day      {day} NOT NULL,
			id       {id} NOT NULL UNIQUE,
			topic    {key} NOT NULL,
			severity {rank} NOT NULL,
			time     {time} NOT NULL,
			envelope {json} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS event_cursors (
			consumer   {key} NOT NULL PRIMARY KEY,
			day        {day} NOT NULL,
			seq        {int} NOT NULL,
			updated_at {time} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS leases (
			name       {key} NOT NULL PRIMARY KEY,
			owner      {key} NOT NULL,
			expires_at {time} NOT NULL)`,
	}
}

// packSchema has long events take a tenth of the room (see packer).
func packSchema() []string {
	return []string{`ALTER TABLE event_log ADD COLUMN IF NOT EXISTS packed {bytes}`}
}

// leakSchema holds the leak sensor's rows. dedup_key is a hash of what makes a
// row one and the same, so that an entry read twice is stored once. The
// indexes serve the lists: each is a run of equalities and then the id, by
// which lists are ordered (see sqlstore, lanes).
func leakSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS source_positions (
			source_id  {key} NOT NULL PRIMARY KEY,
			position   {json} NOT NULL,
			updated_at {time} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS quarantine (
			id                 {id} NOT NULL PRIMARY KEY,
			timestamp          {time} NOT NULL,
			source             {key} NOT NULL,
			hypercore_position {int},
			core_key           {key} NOT NULL,
			fork               {int} NOT NULL,
			bzzz_message_id    {text} NOT NULL,
			message_type       {text} NOT NULL,
			sender             {text} NOT NULL,
			label              {text} NOT NULL,
			rule               {key} NOT NULL,
			secret_type        {key} NOT NULL,
			severity           {rank} NOT NULL,
			confidence         {real} NOT NULL,
			redacted_content   {text} NOT NULL,
			full_content_hash  {key} NOT NULL,
			fingerprint        {key} NOT NULL,
			occurrences        {int} NOT NULL,
			disposition        {key} NOT NULL,
			correlation_id     {key} NOT NULL,
			reviewed           {bool} NOT NULL,
			review_action      {key},
			review_reason      {text} NOT NULL,
			reviewer           {key},
			review_timestamp   {time},
			dedup_key          {key} NOT NULL UNIQUE)`,
		`CREATE INDEX IF NOT EXISTS quarantine_list ON quarantine (severity, reviewed, id)`,
		`CREATE INDEX IF NOT EXISTS quarantine_by_source ON quarantine (source, severity, reviewed, id)`,
		`CREATE INDEX IF NOT EXISTS quarantine_by_rule ON quarantine (rule, severity, reviewed, id)`,
		`CREATE INDEX IF NOT EXISTS quarantine_by_source_rule ON quarantine (source, rule, severity, reviewed, id)`,

		`CREATE TABLE IF NOT EXISTS findings (
			id                 {id} NOT NULL PRIMARY KEY,
			occurred_at        {time} NOT NULL,
			source             {key} NOT NULL,
			hypercore_position {int},
			core_key           {key} NOT NULL,
			fork               {int} NOT NULL,
			bzzz_message_id    {text} NOT NULL,
			rule               {key} NOT NULL,
			secret_type        {key} NOT NULL,
			severity           {rank} NOT NULL,
			confidence         {real} NOT NULL,
			redacted           {text} NOT NULL,
			field              {text} NOT NULL,
			decoders           {json} NOT NULL,
			fingerprint        {key} NOT NULL,
			quarantine_id      {id},
			correlation_id     {key} NOT NULL,
			dedup_key          {key} NOT NULL UNIQUE)`,
		`CREATE INDEX IF NOT EXISTS findings_list ON findings (severity, id)`,
		`CREATE INDEX IF NOT EXISTS findings_by_source ON findings (source, severity, id)`,
		`CREATE INDEX IF NOT EXISTS findings_by_rule ON findings (rule, severity, id)`,
		`CREATE INDEX IF NOT EXISTS findings_by_source_rule ON findings (source, rule, severity, id)`,
		`CREATE INDEX IF NOT EXISTS findings_by_fingerprint ON findings (fingerprint, severity, id, source, rule)`,
		`CREATE INDEX IF NOT EXISTS findings_by_quarantine ON findings (quarantine_id, severity, id, source, rule, fingerprint)`,

		`CREATE TABLE IF NOT EXISTS detection_metrics (
			id                       {id} NOT NULL PRIMARY KEY,
			date                     {day} NOT NULL UNIQUE,
			total_messages_scanned   {int} NOT NULL,
			secrets_detected         {int} NOT NULL,
			false_positives          {int} NOT NULL,
			patterns_updated         {int} NOT NULL,
			avg_detection_latency_ms {int} NOT NULL,
			detection_latency_sum_us {int} NOT NULL,
			findings_stored          {int} NOT NULL)`,

		// Counters, because counting a million rows for each look at the
		// overview would not do.
		`CREATE TABLE IF NOT EXISTS quarantine_counts (
			severity {rank} NOT NULL,
			reviewed {bool} NOT NULL,
			total    {int} NOT NULL,
			PRIMARY KEY (severity, reviewed))`,
		`CREATE TABLE IF NOT EXISTS quarantine_minutes (
			minute   {int} NOT NULL,
			severity {rank} NOT NULL,
			total    {int} NOT NULL,
			PRIMARY KEY (minute, severity))`,
	}
}

// accessSchema holds the audit log and who may come in.
func accessSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS audit_head (
			id   {int} NOT NULL PRIMARY KEY,
			seq  {int} NOT NULL,
			hash {key} NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS audit_log (
			seq        {int} NOT NULL PRIMARY KEY,
			id         {id} NOT NULL UNIQUE,
			time       {time} NOT NULL,
			actor_kind {key} NOT NULL,
			actor_name {key} NOT NULL,
			actor_role {key} NOT NULL,
			actor_addr {key} NOT NULL,
			action     {key} NOT NULL,
			target     {text} NOT NULL,
			reason     {text} NOT NULL,
			old_value  {json},
			new_value  {json},
			prev_hash  {key} NOT NULL,
			hash       {key} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS users (
			id            {id} NOT NULL PRIMARY KEY,
			name          {key} NOT NULL,
			name_key      {key} NOT NULL UNIQUE,
			role          {key} NOT NULL,
			password_hash {text} NOT NULL,
			session_epoch {int} NOT NULL,
			created_at    {time} NOT NULL,
			last_login_at {time})`,

		// active_name is null once the key is revoked, which frees the name.
		`CREATE TABLE IF NOT EXISTS api_keys (
			id           {id} NOT NULL PRIMARY KEY,
			name         {key} NOT NULL,
			active_name  {key} UNIQUE,
			role         {key} NOT NULL,
			prefix       {key} NOT NULL,
			hash         {key} NOT NULL UNIQUE,
			created_at   {time} NOT NULL,
			created_by   {key} NOT NULL,
			expires_at   {time},
			last_used_at {time},
			revoked_at   {time})`,

		`CREATE TABLE IF NOT EXISTS sessions (
			token      {key} NOT NULL PRIMARY KEY,
			data       {bytes} NOT NULL,
			expires_at {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (expires_at)`,
	}
}

// notifySchema holds webhooks and what is on its way to them. A delivery keeps
// its event, so that retention of the event log never loses an alert.
func notifySchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS subscriptions (
			id               {key} NOT NULL PRIMARY KEY,
			sealed_url       {bytes} NOT NULL,
			sealed_secret    {bytes},
			topics           {json} NOT NULL,
			format           {key} NOT NULL,
			min_severity     {rank} NOT NULL,
			allow_private    {bool} NOT NULL,
			managed          {bool} NOT NULL,
			enabled          {bool} NOT NULL,
			failures         {int} NOT NULL,
			auto_disabled_at {time})`,

		`CREATE TABLE IF NOT EXISTS deliveries (
			id              {id} NOT NULL PRIMARY KEY,
			subscription_id {key} NOT NULL,
			event_id        {id} NOT NULL,
			event           {json} NOT NULL,
			state           {key} NOT NULL,
			attempts        {int} NOT NULL,
			next_attempt    {time} NOT NULL,
			created_at      {time} NOT NULL,
			last_status     {int} NOT NULL,
			last_error      {text} NOT NULL,
			UNIQUE (subscription_id, event_id))`,
		`CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (subscription_id, state, next_attempt, id)`,
		`CREATE INDEX IF NOT EXISTS deliveries_age ON deliveries (subscription_id, state, created_at, id)`,
	}
}
