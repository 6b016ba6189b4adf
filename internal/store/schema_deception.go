package store

import "slices"

// deceptionSchema holds what attackers did on deckies. What they sent is in sealed
// columns only; everything else is ours or redacted. identity and place_key are
// hashes of what makes a row one and the same. capture_batches are the batches
// that were stored, so that one that comes again is known.
func deceptionSchema() []string {
	return slices.Concat(captureSchema(), evidenceSchema(), credentialSchema(), attackerSchema())
}

func captureSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS capture_batches (
			id        {id} NOT NULL PRIMARY KEY,
			node      {key} NOT NULL,
			stored_at {time} NOT NULL)`,

		`CREATE TABLE IF NOT EXISTS decky_logs (
			id          {id} NOT NULL PRIMARY KEY,
			seen_at     {time} NOT NULL,
			node        {key} NOT NULL,
			decky       {key} NOT NULL,
			service     {key} NOT NULL,
			event_type  {key} NOT NULL,
			attacker_ip {key} NOT NULL,
			session_id  {id} NOT NULL,
			place       {int} NOT NULL,
			summary     {text} NOT NULL,
			evidence    {bytes})`,
		`CREATE INDEX IF NOT EXISTS decky_logs_by_session ON decky_logs (session_id, id)`,
		`CREATE INDEX IF NOT EXISTS decky_logs_by_decky ON decky_logs (decky, id)`,
		`CREATE INDEX IF NOT EXISTS decky_logs_by_attacker ON decky_logs (attacker_ip, id)`,
		`CREATE INDEX IF NOT EXISTS decky_logs_by_type ON decky_logs (event_type, id)`,
		`CREATE INDEX IF NOT EXISTS decky_logs_by_service ON decky_logs (service, id)`,

		`CREATE TABLE IF NOT EXISTS decky_sessions (
			id               {id} NOT NULL PRIMARY KEY,
			node             {key} NOT NULL,
			decky            {key} NOT NULL,
			service          {key} NOT NULL,
			attacker_ip      {key} NOT NULL,
			attacker_port    {int} NOT NULL,
			local_address    {key} NOT NULL,
			started_at       {time} NOT NULL,
			seen_at          {time} NOT NULL,
			ended_at         {time},
			end_reason       {text} NOT NULL,
			observations     {int} NOT NULL,
			attempts         {int} NOT NULL,
			commands         {int} NOT NULL,
			artifacts        {int} NOT NULL,
			logged_in        {bool} NOT NULL,
			interacted       {bool} NOT NULL,
			principal        {text} NOT NULL,
			banner           {text} NOT NULL,
			transcript_bytes {int} NOT NULL,
			recording        {key} NOT NULL,
			dropped          {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS decky_sessions_by_decky ON decky_sessions (decky, id)`,
		`CREATE INDEX IF NOT EXISTS decky_sessions_by_attacker ON decky_sessions (attacker_ip, id)`,
		`CREATE INDEX IF NOT EXISTS decky_sessions_by_service ON decky_sessions (service, id)`,
		`CREATE INDEX IF NOT EXISTS decky_sessions_by_recording ON decky_sessions (recording, id)`,
		`CREATE INDEX IF NOT EXISTS decky_sessions_open ON decky_sessions (ended_at, node)`,
	}
}

func evidenceSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS decky_transcripts (
			id         {id} NOT NULL PRIMARY KEY,
			day        {day} NOT NULL,
			session_id {id} NOT NULL,
			decky      {key} NOT NULL,
			begins_at  {int} NOT NULL,
			bytes      {int} NOT NULL,
			sealed     {bytes} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS decky_transcripts_by_session ON decky_transcripts (session_id, begins_at)`,

		`CREATE TABLE IF NOT EXISTS decky_artifacts (
			id          {id} NOT NULL PRIMARY KEY,
			seen_at     {time} NOT NULL,
			node        {key} NOT NULL,
			decky       {key} NOT NULL,
			service     {key} NOT NULL,
			attacker_ip {key} NOT NULL,
			session_id  {id} NOT NULL,
			log_id      {id} NOT NULL,
			kind        {key} NOT NULL,
			media_type  {key} NOT NULL,
			path        {text} NOT NULL,
			sha256      {key} NOT NULL,
			day         {day} NOT NULL,
			bytes       {int} NOT NULL,
			kept        {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS decky_artifacts_by_attacker ON decky_artifacts (attacker_ip, id)`,
		`CREATE INDEX IF NOT EXISTS decky_artifacts_by_session ON decky_artifacts (session_id, id)`,
		`CREATE INDEX IF NOT EXISTS decky_artifacts_by_decky ON decky_artifacts (decky, id)`,
		`CREATE INDEX IF NOT EXISTS decky_artifacts_by_hash ON decky_artifacts (sha256, id)`,
	}
}

func credentialSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS credentials (
			id          {id} NOT NULL PRIMARY KEY,
			identity    {id} NOT NULL UNIQUE,
			kind        {key} NOT NULL,
			principal   {text} NOT NULL,
			fingerprint {key} NOT NULL,
			decky       {key} NOT NULL,
			service     {key} NOT NULL,
			attacker_ip {key} NOT NULL,
			session_id  {id} NOT NULL,
			attempts    {int} NOT NULL,
			accepted    {bool} NOT NULL,
			leaked      {bool} NOT NULL,
			first_seen  {time} NOT NULL,
			last_seen   {time} NOT NULL,
			sealed      {bytes})`,
		`CREATE INDEX IF NOT EXISTS credentials_by_fingerprint ON credentials (fingerprint, id)`,
		`CREATE INDEX IF NOT EXISTS credentials_by_attacker ON credentials (attacker_ip, id)`,
		`CREATE INDEX IF NOT EXISTS credentials_by_decky ON credentials (decky, id)`,
		`CREATE INDEX IF NOT EXISTS credentials_by_service ON credentials (service, id)`,
		`CREATE INDEX IF NOT EXISTS credentials_by_kind ON credentials (kind, id)`,
		`CREATE INDEX IF NOT EXISTS credentials_by_age ON credentials (last_seen)`,
	}
}

// attackerSchema holds what is made of it. The id of an attacker follows from his
// address. attacker_places has a row for each decky and service that he touched,
// one for each decky (service empty) and one for each service (decky empty), so
// that what is new is known by one look. secret_places are the targets and
// addresses of a plaintext secret; two make a reuse.
func attackerSchema() []string {
	return []string{
		`CREATE TABLE IF NOT EXISTS attackers (
			id         {id} NOT NULL PRIMARY KEY,
			address    {key} NOT NULL UNIQUE,
			first_seen {time} NOT NULL,
			last_seen  {time} NOT NULL,
			last_day   {day} NOT NULL,
			days       {int} NOT NULL,
			sessions   {int} NOT NULL,
			deckies    {int} NOT NULL,
			services   {int} NOT NULL,
			interacted {int} NOT NULL,
			logins     {int} NOT NULL,
			leaked     {int} NOT NULL,
			claims     {int} NOT NULL,
			acts       {json} NOT NULL,
			score      {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS attackers_by_time ON attackers (last_seen, id)`,
		`CREATE INDEX IF NOT EXISTS attackers_by_score ON attackers (score, id)`,

		`CREATE TABLE IF NOT EXISTS attacker_places (
			id           {id} NOT NULL PRIMARY KEY,
			attacker_id  {id} NOT NULL,
			decky        {key} NOT NULL,
			service      {key} NOT NULL,
			first_seen   {time} NOT NULL,
			last_seen    {time} NOT NULL,
			events       {int} NOT NULL,
			interactions {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS attacker_places_by_attacker ON attacker_places (attacker_id, decky, service)`,
		`CREATE INDEX IF NOT EXISTS attacker_places_by_age ON attacker_places (last_seen)`,

		`CREATE TABLE IF NOT EXISTS attacker_leaks (
			id          {id} NOT NULL PRIMARY KEY,
			attacker_id {id} NOT NULL,
			claimed_ip  {key} NOT NULL,
			header      {key} NOT NULL,
			decky       {key} NOT NULL,
			session_id  {id} NOT NULL,
			log_id      {id} NOT NULL,
			first_seen  {time} NOT NULL,
			last_seen   {time} NOT NULL,
			times       {int} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS attacker_leaks_by_attacker ON attacker_leaks (attacker_id, first_seen)`,

		`CREATE TABLE IF NOT EXISTS secret_places (
			place_key   {id} NOT NULL PRIMARY KEY,
			fingerprint {key} NOT NULL,
			decky       {key} NOT NULL,
			service     {key} NOT NULL,
			attacker_ip {key} NOT NULL,
			first_seen  {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS secret_places_by_fingerprint ON secret_places (fingerprint, decky, first_seen)`,
		`CREATE INDEX IF NOT EXISTS secret_places_by_age ON secret_places (first_seen)`,

		`CREATE TABLE IF NOT EXISTS credential_reuse (
			id          {id} NOT NULL PRIMARY KEY,
			fingerprint {key} NOT NULL UNIQUE,
			kind        {key} NOT NULL,
			targets     {int} NOT NULL,
			addresses   {int} NOT NULL,
			leaked      {bool} NOT NULL,
			first_seen  {time} NOT NULL,
			last_seen   {time} NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS credential_reuse_by_time ON credential_reuse (last_seen, id)`,
		`CREATE INDEX IF NOT EXISTS credential_reuse_by_targets ON credential_reuse (targets, id)`,
	}
}

// logIndexSchema: each index of decky_logs costs as much as the row. Lists by
// service, by type and by both are served by one (see sqlstore, capture_list.go).
func logIndexSchema() []string {
	return []string{
		`CREATE INDEX IF NOT EXISTS decky_logs_by_kind ON decky_logs (service, event_type, id)`,
		`DROP INDEX IF EXISTS decky_logs_by_type ON decky_logs`,
		`DROP INDEX IF EXISTS decky_logs_by_service ON decky_logs`,
	}
}
