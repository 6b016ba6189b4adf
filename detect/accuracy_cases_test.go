package detect

import (
	"strings"
	"testing"
)

// What text with nothing planted in it is full of, one line for each cause of
// false findings that was ever looked at. None is reported by default.
func TestWhatIsNoSecretIsNotReported(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{MinConfidence: DefaultMinConfidence}))
	for cause, text := range map[string]string{
		"identifier behind a name":       "\t\tPrivateKey:  testRSA2048PrivateKey,",
		"member assigned to itself":      "var fullKey = signature.ownKeyOfTheServer",
		"arguments without quotes":       `{"APDAKeyHi_EL1", REG_APDAKeyHi_EL1, 0x182220},`,
		"list of strings":                "\"AD7YZO756HDK6YWFILAKW3JWA7\",\n\"W37FNFZE35NX65Z7CVQ7L5U4L5\",",
		"file of a key":                  `ssl_key_file: "x509/server1_key.pem"`,
		"link in a document":             "[`v8.startupSnapshot` API]: v8.md#startup-snapshot-api",
		"header of a handshake":          "Sec-WebSocket-Key: {{base64:22}}==",
		"pin of a public key":            "const pubkey256 = '{{base64:43}}=';",
		"sum behind a name":              "Public key ping-sha256: {{base64:43}}=",
		"line of go.sum":                 "example.org/stretchr/pwdtestify v1.12.1/go.mod h1:{{base64:43}}=",
		"number of a key":                "DPKG signing key: 0x7EC2DBB6F4DBF434",
		"commit":                         "api_version={{hex:40}}",
		"id of a credential":             "credentialsId: '{{uuid}}'",
		"shell's working directory":      `cmd.Env = append(os.Environ(), "PWD="+cmd.Dir, "GOROOT="+root)`,
		"type of a password":             "  password: { scale: 1, render: input => '*'.repeat(9) }",
		"schema of a password":           "      password:\n      required:\n        - name",
		"values of autocomplete":         `'username', 'new-password', 'current-password', 'organization-title'`,
		"sed in a changelog":             "* lib/passwd.c: s/unlink/remove/",
		"documented basic credentials":   "Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l",
		"mangled basic credentials":      "Authorization: Basic jpvcGVuc2VzYW1lYWxhZGRpb",
		"URL with an example's user":     "https://aladdin:opensesame@vcs.example.org",
		"URL to be filled in":            `fmt.Sprintf("nats://derek:porkchop@%s:%d", host, port)`,
		"anonymous CVS":                  "cvs://:pserver:anoncvs@sources.example.com:/cvs/src",
		"netrc's grammar":                "machine host login user password string",
		"mentioned first line of a key":  "Blocks that start with `-----BEGIN RSA PRIVATE KEY-----`",
		"prefix in a longer word":        "experimental_pnpm_catalogsAnalyzerSuppressionDiagnosticgrit",
		"named group of a regex":         "(?P<key_ops>clpYbGZiM0J6SWpwY)|(?P<kty>cmRIa2lPaUp)",
		"public key of NATS":             `nkey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"`,
		"verifier of signed notes":       `vkey := "PeterNeumann+c74f20a3+{{base64:44}}"`,
		"algorithm of passwords":         "set password_encryption = 'scram-sha-256';",
		"key of a test vector":           `"pkRm": "{{hex:64:a}}", "enc": "{{hex:64:b}}", "shared_secret": "{{hex:64:c}}", "key": "{{hex:32}}"`,
		"minified code":                  "Object.defineProperty(t,'__esModule',{value:!0}),t.FourKeyMap=t.TwoKeyMap=void 0;class n{}",
		"value that goes on":             "acme token = '{{alnum:20}}?{{alnum:20:b}}'",
		"token cut short":                `export SERVICE_TOKEN="{{alnum:30}}..."`,
		"name that says it is none":      `nonMatchingToken := "{{lower:24}}"`,
		"token of a tutorial":            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{{b64of:{\"some\":\"payload\"}}}.{{base64url:43}}",
		"binary behind a name":           "  password: foo\x03\x00PK\x07\x08\x83",
		"sequence typed by hand":         `key0 = "0123456789abcdef0123"`,
		"the placeholder of a password":  "password: ${DB_PASSWORD}",
		"constant of a compression tool": "key ZSTD_c_nbWorkers=ZSTDMT_NBWORKERS_MAX",
	} {
		text = strings.ReplaceAll(text, "}}}", "} }}")
		silent(t, scanner, cause, text)
	}
}

// silent holds the scanner to finding nothing in a text.
func silent(t *testing.T, scanner *Scanner, cause, text string) {
	t.Helper()
	if found, _ := scanner.FindAll([]byte(expand(t, text))); len(found) != 0 {
		t.Errorf("%s: %s found %s with %.2f", cause, found[0].Rule.ID, found[0].Redacted, found[0].Confidence)
	}
}

// The same for keys: what they are told apart by.
func TestWhatIsNoKeyIsNotReported(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{MinConfidence: DefaultMinConfidence}))
	for cause, text := range map[string]string{
		"a key of anything":               `{"size": 3, "key": "{{alnum:32}}"}`,
		"a value cut out of its quotes":   `acme token 'ateo889bcja9fyt4gff2?qe187uhy8l0il4vf2cw'`,
		"a key of another table":          "foreign_key {{uuid}}",
		"a number at an account":          "acme_api_token = 54096" + "7239",
		"what a check says":               `"psk": "{{hex:64}}", "psk_id": "456e6e796e"`,
		"public key":                      `signing_key: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE{{base64:60}}"`,
		"public key, hexadecimal":         `signing_key = "3059301306072a8648ce3d020106082a8648ce3d030107034200{{hex:80}}"`,
		"public key of SSH":               `access_key: AAAAB3NzaC1yc2EAAAADAQABAAAB{{base64:60}}`,
		"certificate":                     `token = "MIIDdzCCAl+gAwIBAgIE{{base64:60}}"`,
		"token of a form":                 `<input type="hidden" name="authenticity_token" value="{{base64url:64}}">`,
		"token against forged requests":   "csrf-token={{base64:64}}==",
		"page of a list":                  `PageToken: "{{hex:40}}"`,
		"progress of a call":              `{"name": "search", "_meta": {"progressToken": "{{hex:16}}"}}`,
		"progress of a call, longer":      `{"name": "search", "_meta": {"progressToken": "{{base64url:40}}"}}`,
		"call that can be cancelled":      `cancellation_token: {{hex:32}}`,
		"which of many messages":          `{"correlationKey": "{{hex:32}}", "deduplication-key": "{{alnum:24}}"}`,
		"typed sequence":                  `api_token = "abcdefghij` + `klmnopqrst123456"`,
		"interleaved sequence":            `api_token = "a1b2c3d4e5f6` + `g7h8i9j0k1l2m3n4"`,
		"sequence at the end":             `secret_key: {{alnum:24}}12345` + `67890`,
		"typed on one row":                `{"token": "dfskdjhfkh` + `sjdhfkjhsdf"}`,
		"typed again and again":           `secret: "nyuk12nyuk` + `34nyuknyuk99nyuk"`,
		"badge":                           "https://ci.acme.dev/acme/app.svg?token={{alnum:20}}&branch=main",
		"example of a standard":           `{"access_token":"2YotnFZFEjr1` + `zCsicMWpAA"}`,
		"algorithm":                       `KeyExchange = "mlkem768x25519-sha256"`,
		"strings in a row":                `'gss_krb5_lucid_context', 'gss_krb5_lucid_key', 'gss_krb5_rfc1964_keydata', 'x'`,
		"name of the next value":          `{"client_secret": "secret", "quota_project_id": "x"}`,
		"words in base64":                 "auth: '{{b64of:isaacs:not my real password}}'",
		"user and password of an example": `"auth": "{{b64of:user:password}}",`,
		"fingerprint of OpenPGP":          "<releaseManagerKey>B6E73D84EA4FCC47" + "166087253FAAD2CD5ECBB314</releaseManagerKey>",
		"encrypted value behind a file":   "<KeyName>rsakey.pem</KeyName>\n<CipherValue>{{base64:64}}</CipherValue>",
		"value that says it is none":      `twilio_token = 'k7{{alnum:8}}this` + `isfake{{alnum:8}}'`,
		"commit behind a provider's name": "Reported-by: Gisle <gisle@yahoo.example>\n\ncommit {{hex:40}}\n",
		"words behind a provider's name":  "lightstep file_envoy_config_trace_v2_lightstep_proto_rawDescGZIP",
		"only begins as a token":          `{"access_token":"eyJhbGciOiJFUzI1NiIsInR5"}`,
		"token without claims":            "eyJhbGciOiJIUzI1NiJ9.{{base64url:60}}.{{base64url:43}}",
		"account of NATS":                 `operator: eyJ0eXAiOiJqd3QiLCJhbGciOiJlZDI1NTE5In0.{{b64of:{"nats":{"type":"account"} } }}.{{base64url:86}}`,
		"first and last line of a key":    "-----BEGIN OPENSSH PRIVATE KEY----------END OPENSSH PRIVATE KEY-----", // cordon:allow
		"first line of a key in a table":  "-----BEGIN PGP PRIVATE KEY BLOCK-----\n>0=\x00\x02\x95\x01\n",         // cordon:allow
		"salt that is none":               "$apr1$xxxxxxxx$dxHfLAsjHkDRmG83UXe8K0",
	} {
		silent(t, scanner, cause, text)
	}
}

// And for passwords.
func TestWhatIsNoPasswordIsNotReported(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{MinConfidence: DefaultMinConfidence}))
	for cause, text := range map[string]string{
		"access for anyone":             "user = \"anonymous\"\npassword = \"busy" + "box@\"", // cordon:allow
		"what an option is called":      "tool --password-file /run/secrets/db1",
		"a message that a check passes": `"pass": "Element has a title"`,
		"says what it is":               `password: "home-` + `password7"`,
		"stands for any":                `Password: "foo-` + `pass"`,
		"words in a row":                `password = "github_access_` + `token"`,
		"name made by chance":           `"GOhjVM3hEsN8":"boPyA2Lg7fj3","MFh2D7fbPwdr":"1DM1YEg7jcP1"`,
		"documented by a vendor":        "mongodb://myDBReader:D1fficult" + "P%40ssw0rd@mongodb0.example.com:27017",
		"host that is a letter":         "may be a mislaid password (postgres://u:sec:" + "ret@h)",
		"word for a password":           "deb https://anna:Passwort@mirror.example/debian",
		"grammar of an address":         "ftp://[user]:pass]@host.acme.dev",
		"name to be filled in":          `proxy_url="socks5h://<username>:<password>@proxy-host"`,
		"parameters of an address":      `"user:password@/db?allowNativePasswords=false&checkConn=false&max=0"`,
		"line of a table of users":      "a line in /etc/passwd:\n\tbye::1000:1000:Outlogger:/bin:echo",
		"service of names":              "passwd:         compat\ngroup:          compat",
		"prompt of a shell":             "anna's password:\n\nroot@30aa0cfaf1b5:/# ls",
		"option of a command":           `'<user\:password>' '--proxy1.0'`,
		"mask of flags":                 "hasPassword := cp.flags&mqttConnFlagPasswordFlag != 0",
		"strings in a row":              `'curle_ftp_user_password_incorrect', 'curle_ftp_user_password', 'curle_ftp_weird_227_format', 'x'`,
		"holds the name of the user":    "machine m1 login bob port imaps password bobwillknow",
		"words with dashes in a .netrc": "machine m1.acme.dev\nlogin oops\npassword too-late-in-file",
		"pattern of a password":         `passcode: '[0-9a-f]{32}'`,
		"filled in by a template":       `smtp_pass: {{ vault:mail-7 }}`,
		"result of a test":              "PASS: binutils-all/x86-64/ibt-x32",
		"host of a standard":            "postgres://app:passw0" + "rd@[2001:db8::7]/x",
		"password of another thing":     "username: proxy.username,\npassword: proxy.password\n",
		"translated manual":             "un mot de passe avec usermod -p pour débloquer le compte",
		"name of a password in a told":  "the password is 'Alias.password'",
		"function behind a word":        "syn keyword xsPrivate add_utf16_textfilter",
		"structure in hexadecimal":      `privateKeyHex = "3081{{hex:400}}"`,
		"alphabet":                      `validKeyChars = "0123456789abcdef` + `ghijklmnopqrstuvwxyz_-."`,
		"words in base64":               "password: '{{b64of:not my real password}}'",
		"compared with nothing":         `if password != "" {`,
	} {
		silent(t, scanner, cause, text)
	}
}

// Filters that go too far lose what people really write. Each line is found by
// default.
func TestWhatIsASecretIsReported(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{MinConfidence: DefaultMinConfidence}))
	for _, text := range []string{
		"DB_PASSWORD=k9Xw" + "2mQ7zr", `"password": "Tr0ub` + `4dor&3"`, "password = 'vzih" + "laquknriqlht'", // cordon:allow
		`new Client({clientId: "x", clientSecret: "{{lower:32}}"})`, "SESSION_SECRET={{hex:64:a}}\nJWT_SECRET={{hex:64:b}}",
		"https://api.example.com/v1?api_key={{alnum:32}}&url=x", `SECRET_KEY = 'wwf*2#86t64!fgh6yav$aoe` + `uo@u2o@fy&*gg76q!'`, // cordon:allow
		"postgres://app:k9Xw" + "2mQ7zr@db-3:5432/x", `curl -H "Authorization: Bearer {{alnum:40}}"`, "Authorization: Basic {{b64of:robot:k9Xw2mQ7zr}}", // cordon:allow
		`secret_key           = "{{alnum:24}}"`, "password                  = \"{{alnum:12}}\"", "DB_PASS={{alnum:12}}", "smtpPass: '{{alnum:12}}'",
		`if user.Password != "{{alnum:14}}" {`, `The default password is "{{alnum:10}}".`, `smtp.login("robot@acme.io", "{{alnum:12}}")`,
		"ENV ADMIN_PASSWORD {{alnum:12}}", "username = anna\npassword = {{lower:9}}\n", `buildConfigField "String", "API_KEY", "\"{{hex:32}}\""`,
		"the API key: {{alnum:32}}", "stripeKey = '{{alnum:32}}'", "oauth2ClientSecret: {{alnum:32}}",
		// a name that says whose it is, and what was typed there
		"acme_token = abcdef1234567890" + "abcdef1234567890", "acme-secret: a1b2c3d4e5f6" + "g7h8i9j0k1l2m3n4", `hooliKey = "QWERTYUIOP` + `ASDFGH1234567890"`, // cordon:allow
		// the commonest passwords open databases
		"postgresql://app:secr" + "et@db-3/x", "Server=db-3;User Id=app;Pwd=passw0" + "rd1;", "mongodb://app:hunt" + "er2@db-3/x", "mongodb://app:Tr0ub" + "@4dor@db-3/x", // cordon:allow
		// long, or not to be read, and yet called a token
		"acme_token: {{base64url:900}}", "ACME_TOKEN=eyJhbGciOiJFZERTQSJ9.{{base64url:80}}.{{base64url:86}}", "PLAID_TOKEN=access-production-{{uuid}}",
		// a name and a word for it, without an operator
		"acme TOKEN {{alnum:32}}", "acmePRIVATE-{{lower:40}}", "acme_key.access.{{hex:40}}", "acme-access {{hex:32}}",
		`db_password: "h@ppy` + `wombat"`,                               // cordon:allow
		"acme-secret-{{uuid}}", "acme SECRET 12345678901234" + "567890", // cordon:allow
		// digits alone, where somebody's secret stands
		"acme_token = 123456789012" + "34567890123456", // cordon:allow
		// headers that a log shows
		"Authorization: Bot {{alnum:40}}", "grpc: bearer {{hex:64}}",
		// handed to a call, or written where the environment has none
		`user.setPassword("{{alnum:12}}")`, "jwt.sign(payload, '{{alnum:14}}')", "process.env.ACCOUNT_KEY ||\n  \"{{base64:86}}==\"",
		"<token>{{alnum:36}}</token>", "acme.token: {{uuid}}", "encryption_key: {{base64:43}}=", "{{pem:RSA PRIVATE KEY}}", "{{jwt}}",
	} {
		if found, _ := scanner.FindAll([]byte(expand(t, text))); len(found) == 0 {
			why, err := NewScanner(compileBuiltin(t, Options{})).Explain([]byte(expand(t, text)))
			t.Errorf("%s: nothing found: %v, %v", text, why, err)
		}
	}
}

// A pair is two findings, each surer for the other.
func TestPairsRaiseEachOther(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	found, _ := scanner.FindAll([]byte(expand(t, "aws_access_key_id = AKIA{{base32:16}}\naws_secret_access_key = {{base64:40}}\n")))
	if len(found) != 2 || found[0].Confidence != paired || found[1].Confidence != paired {
		t.Errorf("%v", found)
	}
	far := "aws_access_key_id = AKIA{{base32:16}}\n" + strings.Repeat("x ", pairReach) + "\naws_secret_access_key = {{base64:40}}\n"
	if found, _ := scanner.FindAll([]byte(expand(t, far))); len(found) != 2 || found[0].Confidence == paired {
		t.Errorf("far from each other: %v", found)
	}
}

func TestAFileSaysHowLikelyASecretIs(t *testing.T) {
	generic := Finding{Rule: &Rule{Generic: true}, Confidence: 0.7}
	for name, want := range map[string]float64{
		"src/main.go": 0.7, "internal/auth/auth_test.go": 0.34, "testdata/config.json": 0.34, "go.sum": 0.04, "dist/app.min.js": 0.24,
		".env.production": 0.82, "deploy/secrets.yaml": 0.82, "": 0.7,
	} {
		if got := InFile(name, generic).Confidence; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if f := (Finding{Rule: &Rule{Validator: "github"}, Confidence: 0.99}); InFile("testdata/x", f).Confidence != 0.99 {
		t.Error("a provider's token is moved")
	}
	if f := (Finding{Confidence: 0.7}); InFile("testdata/x", f).Confidence != 0.7 {
		t.Error("a finding without a rule is moved")
	}
}

func TestExplainSaysWhy(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	for _, c := range []struct {
		id, text string
		found    bool
		why      string // one of the reasons begins so
	}{
		{"generic-api-key", `api_key = "{{alnum:32}}"`, true, "+2.2 name speaks of a secret"},
		{"generic-api-key", `public_key = "{{alnum:40}}"`, false, "-4.0 name says what else it is"},
		{"generic-api-key", `api_key = "your_api_key_goes_here"`, false, "a placeholder"},
		{"generic-api-key", `api_key = "aaaabbbbaaaabbbb"`, false, "entropy 1.0 bits"},
		{"generic-api-key", `access_token = "2YotnFZFEjr1` + `zCsicMWpAA"`, true, "published as an example"},
		{"generic-api-key", `access_token = "abcdefghij` + `klmnopqrst"`, true, "typed to look like a secret"},
		{"generic-password", `password = "k9Xw` + `2mQ7zr"`, true, "+1.2 in quotes"},                    // cordon:allow
		{"url-password", "https://a:k9Xw" + "2mQ7zr@host", true, "+2.0 a format that holds a password"}, // cordon:allow
		{"github-pat", "{{github:ghp}}", true, `validator "github" sets the confidence to 0.99`},
		{"aws-access-key-id", "ASIA" + "QNZGKIQY56JQ7WML", true, "the key belongs to account 029608264753"}, // cordon:allow
		{"payment-card", "card_number: 4539 5787 6362 1487", false, `validator "card" refuses it`},
	} {
		got, err := scanner.Explain([]byte(expand(t, c.text)), c.id)
		if err != nil || len(got) != 1 || got[0].Found != c.found || (got[0].Confidence > 0) != c.found {
			t.Errorf("%s: %s: %+v, %v", c.id, c.text, got, err)
			continue
		}
		said := false
		for _, e := range got[0].Why {
			said = said || strings.HasPrefix(e.String(), c.why)
		}
		if !said {
			t.Errorf("%s: %s: %v lacks %q", c.id, c.text, got[0].Why, c.why)
		}
	}
}

func TestExplainShowsNoSecret(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	secret := expand(t, "{{alnum:32}}")
	all, err := scanner.Explain([]byte("api_key = " + secret))
	if err != nil || len(all) == 0 {
		t.Fatalf("%v, %v", all, err)
	}
	for _, e := range all {
		if e.Redacted == secret || len(e.Redacted) >= len(secret) {
			t.Errorf("%s shows it", e.Rule.ID)
		}
		for _, w := range e.Why {
			if strings.Contains(w.String(), secret) {
				t.Errorf("%s shows it", e.Rule.ID)
			}
		}
	}
}

func TestExplainOfNothing(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	if got, err := scanner.Explain(nil); len(got) != 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := scanner.Explain(nil, "no-such-rule"); err == nil || !strings.Contains(err.Error(), "no-such-rule") {
		t.Errorf("%v", err)
	}
}
