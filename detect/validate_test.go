package detect

import (
	"encoding/base64"
	"strings"
	"testing"
)

// judged runs a validator over an example that holds «secret».
func judged(t *testing.T, name, example string) verdict {
	t.Helper()
	text := expand(t, example)
	before, rest, _ := strings.Cut(text, "«")
	secret, after, found := strings.Cut(rest, "»")
	if !found {
		t.Fatalf("no secret is marked in %q", example)
	}
	return validatorNamed(name)([]byte(before+secret+after), len(before), len(before)+len(secret))
}

// A right checksum is as good as proof; a wrong one lowers, and never hides.
func TestChecksums(t *testing.T) {
	for _, c := range []struct {
		validator, example string
		want               float64 // 0: the rule's own
	}{
		{"github", "«{{github:ghp}}»", rightSum},
		{"github", "«{{github:npm}}»", rightSum},
		{"github", "«ghp_{{alnum:36}}»", 0.8},
		{"github", "p«npm_{{alnum:36}}»", wrongSum},
		{"github", "«npm_catalogsAnalyzerSuppressionDiagnostic»", wrongSum},
		{"gitlab", "«{{gitlab:glpat-}}»", rightSum},
		{"gitlab", "«glpat-{{base64url:50}}.01.{{lower:9}}»", mangledSum},
		{"gitlab", "«glpat-{{base64url:20}}»", 0},
		{"grafana", "«glsa_iNValIdinValiDinvalid" + "invalidinva_5b582697»", rightSum}, // cordon:allow
		{"grafana", "«glsa_{{alnum:32}}_{{hex:8}}»", mangledSum},
		{"grafana", "«glc_eyJ{{alnum:60}}»", 0},
		{"bech32", "«{{bech32:nsec}}»", rightSum},
		{"bech32", "«{{bech32:age-secret-key-}}»", rightSum},
		{"bech32", "«AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQ»", mangledSum},
		{"base58check", "«{{base58check:80:32}}»", rightSum},
		{"base58check", "«5{{alnum:50}}»", wrongSum},
		{"nkey", "«SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6" + "BFDTJ7M6USDXIEDNPPQYYYCU3VY»", rightSum}, // cordon:allow
		{"nkey", "«SU{{base32:56}}»", mangledSum},
		{"macaroon", "«pypi-AgEIcHlwaS5vcmc{{base64url:130}}»", 0.9},
		{"discord", "«{{b64of:123456789012345678}}.{{base64url:6}}.{{base64url:38}}»", rightSum},
		{"discord", "«{{b64of:no number at all!!}}.{{base64url:6}}.{{base64url:38}}»", wrongSum},
		{"sentry", `«sntrys_{{b64of:"iat"}}_{{base64:43}}»`, mangledSum},
		{"sentry", "«sntryu_{{hex:64}}»", 0},
		{"anthropic", "«sk-ant-api03-{{base64url:93}}AA»", rightSum},
		{"anthropic", "«sk-ant-api03-{{base64url:93}}zz»", 0.9},
		{"aws-key-id", "«AKIA{{base32:16}}»", 0},
		{"aws-key-id", "«AKIA0189{{upper:12}}»", 0.8},
		{"aws-key-id", "«AKI»", -1},
		{"aws-key-id", "id=«AKIA{{base32:16}}» secret={{base64:40}}", paired},
		{"aws-secret", "id=AKIA{{base32:16}} secret=«{{base64:40}}»", paired},
		{"aws-secret", "secret=«{{base64:40}}»", 0},
		{"twilio", "sid AC{{hex:32:a}} token «{{hex:32:b}}»", paired},
		{"twilio", "token «{{hex:32:b}}»", 0},
		{"jwt", "«{{jwt}}»", 0},
		{"jwt", "«eyJhbGciOiJFZERTQSJ9.{{base64url:80}}.{{base64url:86}}»", brokenToken},
		{"jwt", "acme_token=«eyJhbGciOiJFZERTQSJ9.{{base64url:80}}.{{base64url:86}}»", DefaultMinConfidence},
		{"connection", "mongodb://app:«admin»@db-3/x", DefaultMinConfidence}, // cordon:allow
		{"connection", "mongodb://app:«<password>»@db-3/x", -1},
		{"random", "«{{alnum:32:r}}»", 0},
		{"random", "«qzXkvjWxqPfhGtbRmzxKqvWj»", 0},
		{"random", "«add_utf16_textfilter1234»", -1},
		{"letters", "«qzxkvjwxqpfhgtbrmzxkqvwj»", 0},
		{"letters", "«abcdefghijklmnopqrstuvwx»", 0},
		{"letters", "«adjustSizeAndFindBucketOf»", -1},
		{"mixed", "«access-production-{{uuid}}»", 0},
		{"jwt", "«{{b64of:no JSON}}.{{b64of:x}}.{{base64url:43}}»", -1},
	} {
		got := judged(t, c.validator, c.example)
		if got.confidence != max(0, c.want) || got.reject != (c.want < 0) {
			t.Errorf("%s: %s: %+v, want %v", c.validator, c.example, got, c.want)
		}
	}
}

func TestThePublicHalfOfANATSKeyIsNoSecret(t *testing.T) {
	public := "«UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4»"
	for _, name := range []string{"nkey", "generic"} {
		if got := judged(t, name, "nkey: "+public); !got.reject {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A token of PyPI whose macaroon is whole; its parts are those of
// libmacaroons' format 2, put together here.
func TestMacaroon(t *testing.T) {
	body := "\x02\x01\x08pypi.org\x02\x04abcd\x00\x00\x06\x20" + strings.Repeat("s", 32)
	token := "pypi-" + strings.TrimRight(expand(t, "{{b64of:"+body+"}}"), "=")
	if got := judged(t, "macaroon", "«"+token+"»"); got.confidence != rightSum {
		t.Errorf("%+v", got)
	}
}

func TestTheTokensOfTutorialsAreExamples(t *testing.T) {
	enc := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for claims, want := range map[string]float64{
		`{"sub":"1","name":"John Doe"}`: exampleToken, `{"some":"payload"}`: exampleToken, `{"sub":"1"}`: 0, "no JSON": brokenToken, `{"nats":{"type":"account"}}`: exampleToken, `{"nats":{"bearer_token":true}}`: 0,
	} {
		token := enc(`{"alg":"HS256"}`) + "." + enc(claims) + ".c2lnbmF0dXJl"
		if got := judged(t, "jwt", "«"+token+"»"); got.confidence != want || got.reject {
			t.Errorf("%s: %+v, want %v", claims, got, want)
		}
	}
	if got := judged(t, "jwt", "«"+enc(`{"alg":"none"}`)+"."+enc(`{"sub":"1"}`)+".»"); got.confidence != 0.3 {
		t.Errorf("unsigned: %+v", got)
	}
}

func TestAPrivateKeyIsBuiltAsOne(t *testing.T) {
	scanner := NewScanner(compileBuiltin(t, Options{}))
	for name, c := range map[string]struct {
		text  string
		least float64
		most  float64
	}{
		"whole":                 {"{{pem:RSA PRIVATE KEY}}", wholeKey, wholeKey},
		"OpenSSH":               {"{{pem:OPENSSH PRIVATE KEY}}", wholeKey, wholeKey},
		"escaped line ends":     {strings.ReplaceAll(expand(t, "{{pem:EC PRIVATE KEY}}"), "\n", `\n`), wholeKey, wholeKey},
		"random base64":         {"-----BEGIN PRIVATE KEY-----\n{{base64:64}}\n{{base64:64:b}}\n-----END PRIVATE KEY-----", oddKey, oddKey},
		"nothing between":       {"-----BEGIN PRIVATE KEY-----\nAnything\n-----END PRIVATE KEY-----", noKey, noKey},
		"first line, then text": {"Key blocks start with `-----BEGIN RSA PRIVATE KEY-----` and", noKey, noKey},
		"a list of first lines": {"-----BEGIN RSA PRIVATE KEY-----SSH-----BEGIN EC PRIVATE KEY-----PGP", noKey, noKey},
		"first line alone":      {"-----BEGIN RSA PRIVATE KEY-----", oddKey, oddKey},
	} {
		found, _ := scanner.FindAll([]byte(expand(t, c.text)))
		if len(found) == 0 || found[0].Confidence < c.least || found[0].Confidence > c.most {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestAnAWSKeyNamesItsAccount(t *testing.T) {
	for id, want := range map[string]string{ // shown by the authors of the method
		"ASIA" + "QNZGKIQY56JQ7WML": "029608264753", "AKIA" + "IOSFODNN7EXAMPLE": "", "AKIA": "", "AKIAQ1111111111111111": "", // cordon:allow
	} {
		if got, ok := AWSAccount(id); got != want || ok != (want != "") {
			t.Errorf("%.8s: %s, %v", id, got, ok)
		}
	}
}

func FuzzValidators(f *testing.F) {
	f.Add("«»", 0, 1)
	f.Add("Authorization: Basic dTpw", 21, 25)
	f.Add("-----BEGIN PRIVATE KEY-----\nMIIB", 0, 27) // cordon:allow
	f.Fuzz(func(t *testing.T, text string, a, b int) {
		if a < 0 || b <= a || b > len(text) {
			return
		}
		for _, name := range Validators() {
			v := validatorNamed(name)([]byte(text), a, b)
			if v.confidence < 0 || v.confidence > 1 || v.end > len(text) {
				t.Errorf("%s: %+v of %d bytes", name, v, len(text))
			}
		}
	})
}
