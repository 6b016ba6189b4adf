package store

// fleetSchema holds the deckies of all nodes, as they were last heard of.
// identity is the hash of node and name. spec is what people added, null where
// the configuration of the node says it.
func fleetSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS fleet_deckies (
			id         {id} NOT NULL PRIMARY KEY,
			identity   {id} NOT NULL UNIQUE,
			node       {key} NOT NULL,
			name       {key} NOT NULL,
			archetype  {key} NOT NULL,
			hostname   {text} NOT NULL,
			distro     {text} NOT NULL,
			address    {key} NOT NULL,
			state      {key} NOT NULL,
			detail     {text} NOT NULL,
			services   {json} NOT NULL,
			spec       {json},
			added_by   {key} NOT NULL,
			since      {time} NOT NULL,
			heard_at   {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS fleet_deckies_by_node ON fleet_deckies (node, id)`,
		`CREATE INDEX IF NOT EXISTS fleet_deckies_by_state ON fleet_deckies (state, id)`,
	}
}

// generationSchema holds how often each decky has mutated and is to, and what the
// mutations were.
func generationSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS decky_generations (
			id            {id} NOT NULL PRIMARY KEY,
			node          {key} NOT NULL,
			name          {key} NOT NULL,
			generation    {int} NOT NULL,
			wanted        {int} NOT NULL,
			cause         {key} NOT NULL,
			requested_at  {time} NOT NULL,
			since_at      {time} NOT NULL,
			mutated_at    {time},
			every_seconds {int} NOT NULL,
			next_at       {time})`,
		`CREATE INDEX IF NOT EXISTS decky_generations_by_node ON decky_generations (node)`,
		`CREATE TABLE IF NOT EXISTS decky_mutations (
			id           {id} NOT NULL PRIMARY KEY,
			node         {key} NOT NULL,
			decky        {key} NOT NULL,
			generation   {int} NOT NULL,
			cause        {key} NOT NULL,
			old_services {json} NOT NULL,
			new_services {json} NOT NULL,
			requested_at {time} NOT NULL,
			at           {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS decky_mutations_by_decky ON decky_mutations (decky, at)`,
		`CREATE INDEX IF NOT EXISTS decky_mutations_by_time ON decky_mutations (at)`,
	}
}
