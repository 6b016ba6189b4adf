package postgres

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"go.cordon.dev/cordon/internal/deception/service"
)

// The codes of requests for authentication.
const (
	authOK       = 0
	authClear    = 3
	authMD5      = 5
	authSASL     = 10
	authContinue = 11
	authFinal    = 12
)

// login asks for a password and says how that went.
func (c *client) login() error {
	var ok bool
	var err error
	switch c.srv.config.Auth {
	case "password":
		ok, err = c.clearText()
	case "scram-sha-256":
		ok, err = c.scram()
	default:
		ok, err = c.md5()
	}
	if err != nil {
		return err
	}
	if !ok {
		return fatal("28P01", "auth.c", 334, "auth_failed", `password authentication failed for user "%s"`, c.user)
	}
	c.session.Record(service.LoggedIn, nil, service.Field{Name: "user", Value: c.user}, service.Field{Name: "database", Value: c.db})
	c.authentication(authOK, nil)
	return c.enter()
}

// password reads the answer to a request.
func (c *client) password() ([]byte, error) {
	if err := c.flush(); err != nil {
		return nil, err
	}
	kind, b, err := c.message(maxPassword)
	switch {
	case err != nil:
		return nil, err
	case kind != 'p':
		return nil, fatal("08P01", "auth.c", 718, "recv_password_packet", "expected password response, got message type %d", kind)
	case len(b) == 0 || bytes.IndexByte(b, 0) != len(b)-1:
		return nil, fatal("08P01", "auth.c", 739, "recv_password_packet", "invalid password packet size")
	case len(b) == 1:
		c.attempt(service.Plaintext, nil, false)
		return nil, fatal("28P01", "auth.c", 757, "recv_password_packet", "empty password returned by client")
	}
	return b[:len(b)-1], nil
}

// attempt records a credential. The database is part of it.
func (c *client) attempt(kind string, secret []byte, ok bool, details ...service.Field) {
	details = append([]service.Field{{Name: "database", Value: c.db}}, details...)
	c.session.Attempt(service.Credential{Kind: kind, Principal: c.user, Secret: secret, Accepted: ok, Details: details})
}

// admits reports whether this attempt is let in: its user may be, and one of
// the known passwords fits or the address has tried often enough.
func (c *client) admits(fits func(password string) bool) bool {
	a, n := c.srv.config.Accept, c.srv.attempts(c.session.Client().Addr())
	if len(a.Users) > 0 && !slices.Contains(a.Users, c.user) {
		return false
	}
	return a.After > 0 && n >= a.After || slices.ContainsFunc(a.Passwords, fits)
}

func (c *client) clearText() (bool, error) {
	c.authentication(authClear, nil)
	b, err := c.password()
	if err != nil {
		return false, err
	}
	ok := c.admits(func(p string) bool { return subtle.ConstantTimeCompare([]byte(p), b) == 1 })
	c.attempt(service.Plaintext, b, ok)
	return ok, nil
}

func hexMD5(b string) string {
	sum := md5.Sum([]byte(b)) // what the protocol asks for
	return hex.EncodeToString(sum[:])
}

func (c *client) md5() (bool, error) {
	salt := make([]byte, 4)
	if _, err := rand.Read(salt); err != nil {
		return false, fmt.Errorf("drawing a salt: %w", err)
	}
	c.authentication(authMD5, salt)
	b, err := c.password()
	if err != nil {
		return false, err
	}
	ok := c.admits(func(p string) bool {
		want := "md5" + hexMD5(hexMD5(p+c.user)+string(salt))
		return subtle.ConstantTimeCompare([]byte(want), b) == 1
	})
	if !isMD5(b) { // some clients answer any request with the password itself
		c.attempt(service.Plaintext, b, false)
		return false, nil
	}
	c.attempt(service.PostgresMD5, b, ok, service.Field{Name: "salt", Value: hex.EncodeToString(salt)})
	return ok, nil
}

func isMD5(b []byte) bool {
	_, err := hex.DecodeString(strings.TrimPrefix(string(b), "md5"))
	return len(b) == 35 && bytes.HasPrefix(b, []byte("md5")) && err == nil
}

// exchange is one SCRAM-SHA-256 (RFC 5802, RFC 7677) as backend/libpq/auth-scram.c
// holds it.
type exchange struct {
	salt, nonce            []byte
	clientFirst, serverOne string
	gs2                    string
}

const iterations = 4096

func (c *client) scram() (bool, error) {
	salt := c.srv.setup.Persona.Derive("postgres: salt of " + c.user) // a user's stays, also that of who is none
	x := &exchange{salt: salt[:16], nonce: make([]byte, 18)}
	if _, err := rand.Read(x.nonce); err != nil {
		return false, fmt.Errorf("drawing a nonce: %w", err)
	}
	mechanisms := zero("SCRAM-SHA-256")
	if c.secure {
		mechanisms = zero("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")
	}
	c.authentication(authSASL, append(mechanisms, 0))
	first, err := c.sasl()
	if err != nil {
		return false, err
	}
	if err := x.first(first); err != nil {
		return false, err
	}
	c.authentication(authContinue, []byte(x.serverOne))
	final, err := c.sasl()
	if err != nil {
		return false, err
	}
	return c.proven(x, string(final))
}

func (c *client) sasl() ([]byte, error) {
	if err := c.flush(); err != nil {
		return nil, err
	}
	kind, b, err := c.message(maxPassword)
	if err == nil && kind != 'p' {
		err = fatal("08P01", "auth-sasl.c", 102, "CheckSASLAuth", "expected SASL response, got message type %d", kind)
	}
	return b, err
}

// malformed is what a message that is none gets.
func malformed(line int, routine string) *problem {
	return fatal("08P01", "auth-scram.c", line, routine, "malformed SCRAM message")
}

// first reads the client's first message: its mechanism, and n,,n=,r=NONCE.
func (x *exchange) first(b []byte) error {
	mechanism, rest, ok := bytes.Cut(b, []byte{0})
	if !ok || len(rest) < 4 {
		return fatal("08P01", "pqformat.c", 526, "pq_getmsgbytes", "insufficient data left in message")
	}
	if !strings.HasPrefix(string(mechanism), "SCRAM-SHA-256") {
		return fatal("08P01", "auth-scram.c", 280, "scram_init", "client selected an invalid SASL authentication mechanism")
	}
	n := binary.BigEndian.Uint32(rest)
	if rest = rest[4:]; int64(n) > int64(len(rest)) {
		return fatal("08P01", "pqformat.c", 526, "pq_getmsgbytes", "insufficient data left in message")
	}
	text := string(rest[:n])
	parts := strings.SplitN(text, ",", 3)
	if len(parts) < 3 || !strings.HasPrefix(parts[2], "n=") {
		return malformed(921, "read_client_first_message")
	}
	x.gs2, x.clientFirst = parts[0]+","+parts[1]+",", parts[2]
	_, nonce, ok := strings.Cut(parts[2], ",r=")
	if !ok {
		return malformed(921, "read_client_first_message")
	}
	nonce, _, _ = strings.Cut(nonce, ",")
	encode := base64.StdEncoding.EncodeToString
	x.serverOne = fmt.Sprintf("r=%s%s,s=%s,i=%d", nonce, encode(x.nonce), encode(x.salt), iterations)
	return nil
}

// proven reads the client's proof and compares it with that of each password
// that is let in.
func (c *client) proven(x *exchange, final string) (bool, error) {
	without, proof, ok := strings.Cut(final, ",p=")
	sent, err := base64.StdEncoding.DecodeString(proof)
	if !ok || err != nil || len(sent) != sha256.Size {
		return false, malformed(1288, "read_client_final_message")
	}
	all := x.clientFirst + "," + x.serverOne + "," + without
	var signature []byte
	ok = c.admits(func(p string) bool {
		want, sign := proofOf(p, x.salt, all)
		if subtle.ConstantTimeCompare(want, sent) != 1 {
			return false
		}
		signature = sign
		return true
	}) && signature != nil
	c.attempt(service.PostgresSCRAM, sent, ok, service.Field{Name: "salt", Value: hex.EncodeToString(x.salt)},
		service.Field{Name: "iterations", Value: fmt.Sprint(iterations)}, service.Field{Name: "message", Value: all})
	if ok {
		c.authentication(authFinal, []byte("v="+base64.StdEncoding.EncodeToString(signature)))
	}
	return ok, nil
}

// proofOf is what a client that knows the password proves, and what the server
// answers (RFC 5802, section 3).
func proofOf(password string, salt []byte, all string) (proof, signature []byte) {
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return nil, nil
	}
	key := mac(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof = mac(stored[:], all)
	for i := range proof {
		proof[i] ^= key[i]
	}
	return proof, mac(mac(salted, "Server Key"), all)
}

// enter opens the database.
func (c *client) enter() error {
	switch {
	case c.db == "template0":
		return fatal("55000", "postinit.c", 350, "CheckMyDatabase", `database "template0" is not currently accepting connections`)
	case !slices.Contains(c.srv.databases(), c.db):
		return fatal("3D000", "postinit.c", 948, "InitPostgres", `database "%s" does not exist`, c.db)
	}
	c.open()
	for _, name := range []string{
		"application_name", "client_encoding", "DateStyle", "default_transaction_read_only", "in_hot_standby", "integer_datetimes", "IntervalStyle",
		"is_superuser", "server_encoding", "server_version", "session_authorization", "standard_conforming_strings", "TimeZone",
	} {
		c.parameter(name, c.vars[strings.ToLower(name)])
	}
	c.put('K', c.key())
	c.ready()
	return c.flush()
}

func (s *server) databases() []string {
	return []string{"postgres", s.database, "template1", "template0"}
}

func (c *client) ready() { c.put('Z', []byte{c.status}) }
