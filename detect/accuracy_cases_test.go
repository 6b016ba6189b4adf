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
		if found, _ := scanner.FindAll([]byte(expand(t, text))); len(found) != 0 {
			t.Errorf("%s: %s found %s with %.2f", cause, found[0].Rule.ID, found[0].Redacted, found[0].Confidence)
		}
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
		{"generic-password", `password = "k9Xw` + `2mQ7zr"`, true, "+1.2 in quotes"},                    // cordon:allow
		{"url-password", "https://a:k9Xw" + "2mQ7zr@host", true, "+2.0 a format that holds a password"}, // cordon:allow
		{"github-pat", "{{github:ghp}}", true, `validator "github" sets the confidence to 0.99`},
		{"aws-access-key-id", "ASIA" + "QNZGKIQY56JQ7WML", true, "the key belongs to account 029608264753"}, // cordon:allow
		{"payment-card", "card_number: 4539 5787 6362 1487", false, `validator "luhn" refuses it`},
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
