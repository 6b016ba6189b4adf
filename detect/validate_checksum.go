package detect

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"go.cordon.dev/cordon/detect/internal/checksum"
)

// The confidences after a look at a checksum. A wrong one never hides: who
// quotes a token may have mangled it, and formats change. Behind a prefix that
// nothing else has it stays a finding (no such token was found in text with
// nothing planted); without one it is reported below the default.
const (
	rightSum   = 0.99
	mangledSum = 0.6
	wrongSum   = 0.4
)

func summed(right bool, wrong float64) verdict {
	if right {
		return verdict{confidence: rightSum}
	}
	return verdict{confidence: wrong}
}

// validGitLab checks the CRC-32 of routable tokens; older ones have none.
func validGitLab(text []byte, start, end int) verdict {
	routable, right := checksum.GitLab(text[start:end])
	if !routable {
		return verdict{}
	}
	return summed(right, mangledSum)
}

// validGrafana checks the CRC-32 of service account tokens; those of Grafana
// Cloud have none.
func validGrafana(text []byte, start, end int) verdict {
	if !bytes.HasPrefix(text[start:end], []byte("glsa_")) {
		return verdict{}
	}
	return summed(checksum.Grafana(text[start:end]), mangledSum)
}

// validBech32 checks keys of age and Nostr.
func validBech32(text []byte, start, end int) verdict {
	return summed(checksum.Bech32(text[start:end]), mangledSum)
}

// validBase58 checks private keys in WIF and extended ones (BIP 32).
func validBase58(text []byte, start, end int) verdict {
	_, right := checksum.Base58Check(text[start:end])
	return summed(right, wrongSum)
}

// validMnemonic checks the seed phrase of a wallet. Words that are not all of the
// list are prose.
func validMnemonic(text []byte, start, end int) verdict {
	words, right := checksum.Mnemonic(text[start:end])
	if !words {
		return verdict{reject: true}
	}
	return summed(right, wrongSum)
}

// validNKey checks seeds of NATS. What has a right sum but is no seed is the
// public half.
func validNKey(text []byte, start, end int) verdict {
	seed, right := checksum.NKey(text[start:end])
	if right && !seed {
		return verdict{reject: true}
	}
	return summed(right, mangledSum)
}

// validMacaroon looks for what a PyPI token holds behind its prefix: a macaroon
// of version 2 whose location is that of an index, and which ends in a signature
// of 32 bytes (docs.pypi.org and libmacaroons' doc/format.txt).
func validMacaroon(text []byte, start, end int) verdict {
	_, body, _ := bytes.Cut(text[start:end], []byte("-"))
	raw, err := base64.RawURLEncoding.DecodeString(string(bytes.TrimRight(body, "=")))
	right := err == nil && len(raw) > 3 && raw[0] == 2 && raw[1] == 1 && int(raw[2]) < len(raw)-3 &&
		bytes.HasSuffix(raw[3:3+raw[2]], []byte("pypi.org")) && len(raw) > 36 && raw[len(raw)-34] == 6 && raw[len(raw)-33] == 32
	return summed(right, 0.9)
}

// validDiscord decodes the first part of a bot token, which is the bot's id in
// decimal (Discord developer documentation, "Snowflakes").
func validDiscord(text []byte, start, end int) verdict {
	head, _, _ := bytes.Cut(text[start:end], []byte("."))
	raw, err := base64.RawStdEncoding.DecodeString(string(head))
	if err != nil || len(raw) < 17 || len(raw) > 20 {
		return verdict{confidence: mangledSum}
	}
	digits, _, _ := census(raw)
	return summed(digits == len(raw), wrongSum)
}

// validSentry decodes an organisation token, which holds JSON with the time it
// was made and the organisation (Sentry's RFC 0091, "ci-upload-tokens").
func validSentry(text []byte, start, end int) verdict {
	body, org := bytes.CutPrefix(text[start:end], []byte("sntrys_"))
	if !org {
		return verdict{}
	}
	head, _, _ := bytes.Cut(body, []byte("_"))
	raw, err := base64.RawStdEncoding.DecodeString(string(bytes.TrimRight(head, "=")))
	var claims struct {
		IssuedAt json.Number `json:"iat"`
		Org      string      `json:"org"`
	}
	right := err == nil && json.Unmarshal(raw, &claims) == nil && claims.IssuedAt != "" && claims.Org != ""
	return summed(right, mangledSum)
}

// validAnthropic knows that a key ends in AA, because it is 93 characters of
// base64 and padding bits.
func validAnthropic(text []byte, start, end int) verdict {
	return summed(bytes.HasSuffix(text[start:end], []byte("AA")), 0.9)
}

// AWSAccount is the number of the account that an AWS access key id belongs to,
// of twelve digits: it stands in the id, in base 32, behind the prefix (shown by
// Aidan Steele in "AWS Access Key ID formats", 2020, and Tal Be'ery in 2023). ok
// is false when id is none of the form in use since 2019.
func AWSAccount(id string) (account string, ok bool) {
	if len(id) != 20 || id[4] < 'Q' {
		return "", false
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(id[4:14])
	if err != nil {
		return "", false
	}
	number := binary.BigEndian.Uint64(append([]byte{0, 0}, raw[:6]...)) & 0x7fffffffff80 >> 7
	return fmt.Sprintf("%012d", number), number < 1e12
}
