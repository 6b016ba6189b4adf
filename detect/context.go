package detect

import (
	"bytes"
	"math"
	"path"
	"strings"

	"go.cordon.dev/cordon/detect/internal/model"
)

// pairReach is how far from each other the halves of a pair stand: the id of a
// key and its secret, in bytes.
const pairReach = 400

// paired is the confidence in a secret whose other half stands beside it.
const paired = 0.98

// beside says whether find finds something within reach around text[start:end].
func beside(text []byte, start, end int, find func([]byte) bool) bool {
	return find(text[max(0, start-pairReach):start]) || find(text[end:min(len(text), end+pairReach)])
}

// holdsRun says whether text holds, behind prefix, at least n bytes of a class and no
// more than most, with none of the class around them.
func holdsRun(text []byte, prefix string, n, most int, class func(byte) bool) bool {
	for i := 0; i < len(text); {
		at := bytes.Index(text[i:], []byte(prefix))
		if at < 0 {
			return false
		}
		from := i + at + len(prefix)
		to := from
		for to < len(text) && class(text[to]) {
			to++
		}
		if free := i+at == 0 || !class(text[i+at-1]); free && to-from >= n && to-from <= most {
			return true
		}
		i = max(to, i+at+1)
	}
	return false
}

func awsIDNear(b []byte) bool {
	return holdsRun(b, "AKIA", 16, 16, upperOrDigit) || holdsRun(b, "ASIA", 16, 16, upperOrDigit)
}

func awsSecretNear(b []byte) bool {
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && (base64Value(b[j]) >= 0 && b[j] != '-' && b[j] != '_') {
			j++
		}
		if j-i == 40 && !lowHex(b[i:j]) && Entropy(b[i:j]) > 3.8 {
			return true
		}
		i = max(j, i+1)
	}
	return false
}

func twilioIDNear(b []byte) bool {
	return holdsRun(b, "AC", 32, 32, hexOrDigit) || holdsRun(b, "SK", 32, 32, hexOrDigit)
}

func upperOrDigit(c byte) bool { return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' }

func hexOrDigit(c byte) bool { return c >= 'a' && c <= 'f' || c >= '0' && c <= '9' }

func lowHex(b []byte) bool {
	for _, c := range b {
		if !hexOrDigit(c) {
			return false
		}
	}
	return true
}

// validAWSSecret is validMixed, and surer beside the id of a key.
func validAWSSecret(text []byte, start, end int) verdict {
	v := validMixed(text, start, end)
	if !v.reject && beside(text, start, end, awsIDNear) {
		v.confidence = paired
	}
	return v
}

// validTwilio is surer of a token beside the id of an account or a key.
func validTwilio(text []byte, start, end int) verdict {
	if beside(text, start, end, twilioIDNear) {
		return verdict{confidence: paired}
	}
	return verdict{}
}

// InFile returns f with its confidence moved by the file it was found in: a
// value that only its name calls a secret is less likely one in a test, in a
// lock file or in code made by machines, more likely one in an .env. What has a
// provider's format or is a private key stays as it is wherever it stands. The
// path is read as text, with strokes; the file is not looked at.
func InFile(name string, f Finding) Finding {
	if f.Rule == nil || !f.Rule.Generic && f.Rule.Validator != "password" && f.Rule.Validator != "connection" || f.Confidence <= 0 || f.Confidence >= 1 {
		return f
	}
	odds := math.Log(f.Confidence/(1-f.Confidence)) + fileWeight(strings.ToLower(name))
	f.Confidence = math.Round(100/(1+math.Exp(-odds))) / 100
	return f
}

// fileWeight is what a path, in lower case, adds to the log-odds of a secret.
func fileWeight(name string) float64 {
	base := path.Base(name)
	switch {
	case lockFile(base):
		return -4
	case strings.HasSuffix(base, ".min.js"), strings.HasSuffix(base, ".map"), strings.HasSuffix(base, ".svg"):
		return -2
	case testFile("/"+name, base):
		return -1.5
	case strings.HasPrefix(base, ".env"), strings.Contains(base, "credential"), strings.Contains(base, "secret"), strings.HasSuffix(base, ".tfvars"):
		return 0.7
	}
	return 0
}

func lockFile(base string) bool {
	switch base {
	case "go.sum", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "cargo.lock", "poetry.lock", "composer.lock", "gemfile.lock", "pipfile.lock", "uv.lock":
		return true
	}
	return false
}

func testFile(name, base string) bool {
	for _, dir := range []string{"/test/", "/tests/", "/testdata/", "/__tests__/", "/fixtures/", "/spec/", "/mocks/", "/__mocks__/", "/testing/"} {
		if strings.Contains(name, dir) {
			return true
		}
	}
	stem := strings.TrimSuffix(base, path.Ext(base))
	return strings.HasSuffix(stem, "_test") || strings.HasSuffix(stem, ".test") || strings.HasSuffix(stem, ".spec") || strings.HasPrefix(stem, "test_")
}

// evidence adds what a format gives away beside the secret.
func (e *Explanation) evidence(validator string, secret []byte) {
	if validator != "aws-key-id" {
		return
	}
	if account, ok := AWSAccount(string(secret)); ok {
		e.say("the key belongs to account %s", account)
	}
}

// modelOf names the part of the model that a validator asks, or nil.
func modelOf(validator string) func(model.Candidate) []model.Feature {
	switch validator {
	case "generic", "bearer":
		return model.ExplainKey
	case "named-password":
		return model.ExplainPassword
	case "password":
		return model.ExplainLogin
	case "connection":
		return model.ExplainConnection
	}
	return nil
}
