package store

// watchSchema holds what somebody should look at about what leaves: endpoints
// that were first seen, with what people made of them, and what is usual for a
// program and a host. identity is the hash of node, program, host and port;
// standing is denied, allowed (both wait for review) or reviewed. egress_folds
// counts the endpoints of a node that made way for newer ones.
func watchSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS egress_endpoints (
			id            {id} NOT NULL PRIMARY KEY,
			identity      {id} NOT NULL UNIQUE,
			node          {key} NOT NULL,
			standing      {key} NOT NULL,
			program       {text} NOT NULL,
			exe_key       {key} NOT NULL,
			host          {text} NOT NULL,
			host_key      {key} NOT NULL,
			port          {rank} NOT NULL,
			address       {key} NOT NULL,
			protocol      {key} NOT NULL,
			first_seen    {time} NOT NULL,
			last_seen     {time} NOT NULL,
			allowed       {int} NOT NULL,
			denied        {int} NOT NULL,
			bytes_out     {int} NOT NULL,
			bytes_in      {int} NOT NULL,
			last_decision {key} NOT NULL,
			last_reason   {key} NOT NULL,
			last_rule     {key} NOT NULL,
			verdict       {key} NOT NULL,
			note          {text} NOT NULL,
			reviewed_by   {key} NOT NULL,
			reviewed_at   {time})`,
		`CREATE INDEX IF NOT EXISTS egress_endpoints_by_standing ON egress_endpoints (standing, id)`,
		`CREATE INDEX IF NOT EXISTS egress_endpoints_by_node ON egress_endpoints (node, standing, id)`,
		`CREATE INDEX IF NOT EXISTS egress_endpoints_by_host ON egress_endpoints (host_key, id)`,
		`CREATE INDEX IF NOT EXISTS egress_endpoints_by_program ON egress_endpoints (exe_key, id)`,

		`CREATE TABLE IF NOT EXISTS egress_folds (
			node       {key} NOT NULL PRIMARY KEY,
			endpoints  {int} NOT NULL,
			updated_at {time} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS egress_baselines (
			id         {id} NOT NULL PRIMARY KEY,
			node       {key} NOT NULL,
			program    {text} NOT NULL,
			host       {text} NOT NULL,
			state      {bytes} NOT NULL,
			updated_at {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS egress_baselines_by_node ON egress_baselines (node, updated_at)`,
	}
}
