package store

// egressSchema holds what the egress sensor decided and by which policies.
// host_key is the part of a host that fits an index; egress_destinations and
// egress_days are kept up to date with the decisions, so that nobody counts a
// million rows.
func egressSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS egress_decisions (
			id          {id} NOT NULL PRIMARY KEY,
			seq         {int} NOT NULL,
			node        {key} NOT NULL,
			flow        {id} NOT NULL,
			decided_at  {time} NOT NULL,
			decision    {key} NOT NULL,
			rule        {key} NOT NULL,
			reason      {key} NOT NULL,
			detail      {text} NOT NULL,
			would       {key} NOT NULL,
			entrance    {key} NOT NULL,
			client      {key} NOT NULL,
			host        {text} NOT NULL,
			host_key    {key} NOT NULL,
			port        {rank} NOT NULL,
			address     {key} NOT NULL,
			protocol    {key} NOT NULL,
			method      {key} NOT NULL,
			url         {text} NOT NULL,
			bytes_out   {int} NOT NULL,
			bytes_in    {int} NOT NULL,
			ended_at    {time},
			cut         {text} NOT NULL,
			pid         {int} NOT NULL,
			exe         {text} NOT NULL,
			exe_key     {key} NOT NULL,
			cmdline     {text} NOT NULL,
			source_file {text} NOT NULL,
			source_line {int} NOT NULL,
			func_name   {text} NOT NULL,
			findings    {json} NOT NULL,
			holds       {key} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS egress_by_decision ON egress_decisions (decision, id)`,
		`CREATE INDEX IF NOT EXISTS egress_by_host ON egress_decisions (host_key, id)`,
		`CREATE INDEX IF NOT EXISTS egress_by_program ON egress_decisions (exe_key, id)`,
		`CREATE INDEX IF NOT EXISTS egress_by_rule ON egress_decisions (rule, id)`,
		`CREATE INDEX IF NOT EXISTS egress_by_holds ON egress_decisions (holds, id)`,
		`CREATE INDEX IF NOT EXISTS egress_by_flow ON egress_decisions (flow, id)`,

		`CREATE TABLE IF NOT EXISTS egress_logs (
			id         {id} NOT NULL PRIMARY KEY,
			node       {key} NOT NULL,
			dir        {text} NOT NULL,
			seq        {int} NOT NULL,
			hash       {key} NOT NULL,
			updated_at {time} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS egress_destinations (
			host_key      {key} NOT NULL PRIMARY KEY,
			allowed       {int} NOT NULL,
			denied        {int} NOT NULL,
			bytes_out     {int} NOT NULL,
			bytes_in      {int} NOT NULL,
			first_seen    {time} NOT NULL,
			last_seen     {time} NOT NULL,
			last_decision {key} NOT NULL,
			last_reason   {key} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS egress_destinations_by_time ON egress_destinations (last_seen)`,

		`CREATE TABLE IF NOT EXISTS egress_days (
			day      {day} NOT NULL,
			decision {key} NOT NULL,
			reason   {key} NOT NULL,
			total    {int} NOT NULL,
			PRIMARY KEY (day, decision, reason))`,

		`CREATE TABLE IF NOT EXISTS egress_switches (
			node       {key} NOT NULL PRIMARY KEY,
			active     {bool} NOT NULL,
			reason     {text} NOT NULL,
			changed_by {key} NOT NULL,
			since      {time} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS egress_policies (
			node       {key} NOT NULL,
			version    {int} NOT NULL,
			document   {text} NOT NULL,
			hash       {key} NOT NULL,
			author     {key} NOT NULL,
			reason     {text} NOT NULL,
			origin     {key} NOT NULL,
			created_at {time} NOT NULL,
			PRIMARY KEY (node, version))`,
	}
}
