package model_test

import (
	"math"
	"strings"
	"testing"

	"go.cordon.dev/cordon/detect"
	"go.cordon.dev/cordon/detect/internal/model"
)

// candidate reads a text in which the value stands between « and ».
func candidate(t testing.TB, text string) model.Candidate {
	t.Helper()
	text, err := detect.ExpandExample(text)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(text, "«")
	value, after, found := strings.Cut(rest, "»")
	if !found {
		t.Fatalf("no value is marked in %q", text)
	}
	return model.Candidate{Text: []byte(before + value + after), Start: len(before), End: len(before) + len(value)}
}

// The three answers there are.
const (
	secret  = "secret"
	example = "example" // reported, but not by default
	nothing = "nothing"
)

func answer(confidence float64) string {
	switch {
	case confidence >= detect.DefaultMinConfidence:
		return secret
	case confidence >= model.Refused:
		return example
	}
	return nothing
}

func TestKeys(t *testing.T) {
	for text, want := range map[string]string{
		// what names call a secret
		`api_key = "«{{alnum:32}}»"`:                        secret,
		`export AUTH_TOKEN=«{{hex:40}}»`:                    secret,
		`"clientSecret": "«{{base64url:40}}»",`:             secret,
		`<apiToken>«{{alnum:32}}»</apiToken>`:               secret,
		`System.setProperty("X_TOKEN", "«{{hex:40}}»")`:     secret,
		`Authorization: Bearer «{{alnum:40}}»`:              secret,
		`{\"access_token\":\"«{{alnum:30}}»\"}`:             secret,
		`SESSION_SECRET='«{{hex:64}}»'`:                     secret,
		"client_id: x\nclient_secret: «{{lower:24}}»":       secret,
		`the API key: «{{alnum:32}}»`:                       secret,
		`openaikey=«{{alnum:40}}»`:                          secret,
		`const token = "«zx` + `bcixpwtrojmsycqjwluudqk»";`: secret, // letters alone, but no words
		`token = «12345678ABCD` + `EFGH1234567890ABCDEFGH»`: example,
		`secret: "«a1b2c3d4e5f6` + `g7h8i9j0k1l2»"`:         example,
		`export TOKEN="«{{alnum:20}}...»"`:                  example,
		`SECRET="«{{alnum:8}}dummy{{alnum:8}}»"`:            example,
		`key0 = "«0123456789abc` + `def0123»"`:              example,
		`token = '«{{alnum:32}}»:{{alnum:12}}'`:             secret,
		`token = '«{{alnum:32}}» '`:                         secret,
		`PROGRESS_API_KEY=«{{alnum:32}}»`:                   secret,
		`"progress_client_secret": "«{{alnum:32}}»"`:        secret,
		`"progressAccessToken": "«{{hex:32}}»"`:             secret,
		// names that say what else it is
		`"progressToken":"«{{hex:16}}»"`:           nothing,
		`"progressToken":"«{{hex:32}}»"`:           example,
		`public_key = "«{{alnum:40}}»"`:            nothing,
		`cache_key: «{{hex:40}}»`:                  nothing,
		`"token_type": "«{{alnum:20}}»"`:           example,
		`Sec-WebSocket-Key: «{{base64:22}}==»`:     nothing,
		`monkey = "«{{lower:20}}»"`:                nothing,
		`nonMatchingToken := "«{{lower:24}}»"`:     example,
		`Public key ping-sha256: «{{base64:43}}=»`: nothing,
		// code
		`PrivateKey: «testEd25519PrivateKey»,`:             nothing,
		`request.didWarnForKey = «request.didWarnForKey»;`: nothing,
		`{"APDAKeyHi", «REG_APDAKeyHi_EL1», 0x18}`:         nothing,
		`var _key_created = «&x_cgo_pthread_key_created»`:  nothing,
		`"encryptionKey": "«encryptionKey1024»",`:          nothing,
		`KeySize = «PdfEncryptionKeySize.Key128Bit»;`:      nothing,
		// files, hosts, versions, sums
		`IceSSL.KeyFile=«s_rsa1024_priv.pem»`:           nothing,
		`credentials.url=«dev-lb1.api.f4ke.com»:5215`:   nothing,
		`api = «rc0.15.0_20231217_1420-SNAPSHOT»'`:      nothing,
		`io.jsonwebtoken:«jjwt-jackson-0.11.2»`:         example,
		`token: «url.md#the-whatwg-url-api-of-nodes»`:   nothing,
		`key = "«PeterNeumann+c74f20a3+{{base64:44}}»"`: nothing,
		`sha256 key: «{{hex:64}}»`:                      nothing,
		// what only looks whole
		`key = '«{{alnum:16}}»?{{alnum:20}}'`: nothing,
		`key=«{{alnum:20}}&usp=sharing»`:      nothing,
	} {
		if got := answer(model.Key(candidate(t, text))); got != want {
			t.Errorf("%s: %s %.2f, want %s: %v", text, got, model.Key(candidate(t, text)), want, model.ExplainKey(candidate(t, text)))
		}
	}
}

// A key of a published test vector is told by the names beside it; two secrets
// of one configuration are not.
func TestVectorsAreToldByTheirNames(t *testing.T) {
	vector := `{"pk": "{{hex:64:a}}", "nonce": "{{hex:24}}", "shared_secret": "{{hex:64:b}}", "key": "«{{hex:64:c}}»", "ct": "{{hex:40}}"}`
	if got := answer(model.Key(candidate(t, vector))); got != example {
		t.Errorf("vector: %s", got)
	}
	config := "SESSION_SECRET={{hex:64:a}}\nJWT_SECRET=«{{hex:64:b}}»\nENCRYPTION_KEY={{hex:64:c}}\nAPI_TOKEN={{hex:40}}\n"
	if got := answer(model.Key(candidate(t, config))); got != secret {
		t.Errorf("configuration: %s", got)
	}
}

func TestPasswords(t *testing.T) {
	for text, want := range map[string]string{
		`password = "«k9Xw` + `2mQ7zr»"`:          secret, // cordon:allow
		`DB_PASSWORD=«Tr0ub` + `4dor&3»`:          secret, // cordon:allow
		`vm_passwd: '«vzih` + `laquknriqlht»'`:    secret, // cordon:allow
		`password = "«super$` + `ecret»"`:         secret,
		`password = "«user@acme.dev»"`:            nothing,
		`password=«secr3t»`:                       example,
		`"PWD="«+cmd.Dir»`:                        nothing,
		`password: «required:»`:                   nothing,
		`clientPassword: '«ClientCredentials»'`:   nothing,
		`encodePassword: "«encodePassword»"`:      nothing,
		`passwd: «s/unlink/remove/»`:              nothing,
		`FTINTRP: "«FTINTRPWF»"`:                  nothing,
		`pwd_go.sum «h1:SJNXV9DBKT0UbdttsQjbf»`:   nothing,
		`password_encryption = '«scram-sha-256»'`: nothing,
		`rawPassword:k,password:«m&&P&&p»`:        nothing,
		"password: «foo\x03\x00PK1»":              nothing,
	} {
		if got := answer(model.Password(candidate(t, text))); got != want {
			t.Errorf("%s: %s, want %s: %v", text, got, want, model.ExplainPassword(candidate(t, text)))
		}
	}
}

func TestLogins(t *testing.T) {
	for text, want := range map[string]string{
		`postgres://app:«k9Xw` + `2mQ7zr»@db-3:5432/x`: secret, // cordon:allow
		`redis://:«{{hex:24}}»@cache`:                  secret, // cordon:allow
		`https://jane:«p%40` + `ssword»@google.com`:    example,
		`nats://derek:«porkchop»@%s:%d`:                example,
		`ftp://pserver:«anoncvs»@sources.example.com`:  nothing,
		`mysql://root:«root»@db-3`:                     example, // cordon:allow
		`mysql://root:«root»@h`:                        nothing, // cordon:allow
	} {
		if got := answer(model.Login(candidate(t, text))); got != want {
			t.Errorf("%s: %s, want %s: %v", text, got, want, model.ExplainLogin(candidate(t, text)))
		}
	}
}

// What is one of the commonest passwords elsewhere is one that opens a database in
// a connection, unless all of it is made up.
func TestConnections(t *testing.T) {
	for text, want := range map[string]string{
		`mongodb://app:«hunter2»@db-3/x`:             secret,  // cordon:allow
		`mongodb://app:«hunter2»@db-3.example.com/x`: example, // cordon:allow
		`Server=db-3;Pwd=«passw0rd1»;`:               secret,  // cordon:allow
		`mysql://root:«root»@db-3`:                   example, // cordon:allow
		`postgres://%s:«%s_pwd»@%s/x`:                nothing,
		`mongodb://app:«secret»@192.0.2.7/x`:         example, // cordon:allow
	} {
		if got := answer(model.Connection(candidate(t, text))); got != want {
			t.Errorf("%s: %s, want %s: %v", text, got, want, model.ExplainConnection(candidate(t, text)))
		}
	}
}

// An explanation is the score itself: its weights add up to the confidence.
func FuzzExplanationsAddUp(f *testing.F) {
	for _, seed := range []string{"api_key = «x»", "«»", "password=«Tr0ub»", "a://b:«c»@d", strings.Repeat("key=", 90) + "«zz»"} { // cordon:allow
		f.Add(seed, 3, 9)
	}
	f.Fuzz(func(t *testing.T, text string, a, b int) {
		if a < 0 || b <= a || b > len(text) {
			return
		}
		c := model.Candidate{Text: []byte(text), Start: a, End: b}
		for name, score := range map[string]struct {
			confidence func(model.Candidate) float64
			explain    func(model.Candidate) []model.Feature
		}{"key": {model.Key, model.ExplainKey}, "password": {model.Password, model.ExplainPassword}, "login": {model.Login, model.ExplainLogin}, "connection": {model.Connection, model.ExplainConnection}} {
			sum := 0.0
			for _, feature := range score.explain(c) {
				sum += feature.Weight
			}
			got, want := score.confidence(c), math.Round(100*min(0.9, 1/(1+math.Exp(-sum))))/100
			if math.Abs(got-want) > 0.011 || got < 0 || got > 0.9 {
				t.Errorf("%s: confidence %v, the features say %v", name, got, want)
			}
		}
	})
}

func TestWordsAreToldFromRandomLetters(t *testing.T) {
	for text, want := range map[string]bool{
		"pnpmcatalogsAnalyzerSuppression": true, "decryptionKeyOfTheServer": true, "qzkvjxwqpfhgtbrmzxkq": false, "8F3kQ9": false,
	} {
		if got := model.Wordy([]byte(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
