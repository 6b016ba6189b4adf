package detect

// documented says whether secret is one that a standard or a vendor's
// documentation prints for everyone to copy: it opens nothing, or everyone knows
// that it does.
func documented(secret []byte) bool {
	switch string(secret) {
	case "2YotnFZFEjr1" + "zCsicMWpAA", "tGzv3JOkF0XG" + "5Qx2TlKWIA", "SplxlOBeZQQY" + "bYS6WxSbIA", "gX1fBa" + "t3bV", // cordon:allow RFC 6749
		"czZCaGRSa3F0" + "MzpnWDFmQmF0M2JW", "czZCaGRSa3F0" + "Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3", // cordon:allow RFC 6749, clients
		"h480djs9" + "3hd8", "askfjh23" + "4as9sd8", // cordon:allow RFC 6749's drafts, the documentation of oauthlib
		"45ghiukldjah" + "dnhzdauz",                           // cordon:allow RFC 7009
		"mF_9.B5f" + "-4.1JqM", "vF9dft4qm" + "TcXkZ26zL8b6u", // cordon:allow RFC 6750
		"hJtXIZ2uSN5kbQfb" + "tTNWbpdmhkV8FJG-Onbc6mxCcYg",                        // cordon:allow RFC 7520
		"0685bd91" + "84jfhq22", "ad180jjd" + "733klru7", "dpf43f3p" + "2l4k3l03", // cordon:allow OAuth Core 1.0
		"nnch734d" + "00sl2jdk", "kd94hf93" + "k423kf44", "pfkkdhi9" + "sl3r4s00", "kd9sl3ks" + "k2l4s9dk", // cordon:allow OAuth Core 1.0
		"dGhlIHNhbXBs" + "ZSBub25jZQ==",                                                                                           // cordon:allow RFC 6455
		"sk_test_4eC39H" + "qLyjWDarjtT1zdp7dc", "sk_test_BQokik" + "JOvBiI2HlWgH4olfQ2", "pk_test_TYooMQ" + "auvdEDq54NiTphI7jx", // cordon:allow Stripe's documentation
		"Eby8vdM02xNOcqFlqUwJPLlm" + "EtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==", // cordon:allow Azurite, devstoreaccount1
		"C2y6yDjf5/R+ob0N8A7Cgv30" + "VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==", // cordon:allow the emulator of Cosmos DB
		"EEGlnEPYJV//kbvvIqx" + "KkQwOiS+UENyPncC4bF46ong=":                                             // cordon:allow systemd.netdev(5)
		return true
	}
	return false
}
