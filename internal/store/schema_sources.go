package store

// fingerprintSchema makes quarantine entries findable by the secret.
func fingerprintSchema() []string {
	return []string{`CREATE INDEX IF NOT EXISTS quarantine_by_fingerprint ON quarantine (fingerprint, severity, reviewed, id, source, rule)`}
}
