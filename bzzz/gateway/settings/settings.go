// Package settings reads what an operator wants of the gateway: a YAML file, the
// environment and flags, of which the last has the last word. It opens nothing
// but the file and the secrets that it names.
//
// It may import goccy/go-yaml and detect/fingerprint. To add a setting, add a
// field with its comment, its check, its flag if it needs one, and a line in the
// test's example.
package settings

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Settings are those of one gateway.
type Settings struct {
	Name           string   `yaml:"name"`            // of this gateway, [a-z0-9-]{1,64}. Default: gateway.
	ListenA        string   `yaml:"listen_a"`        // HOST:PORT or a multiaddress where nodes of side a connect. Mandatory.
	ListenB        string   `yaml:"listen_b"`        // Likewise of side b. Mandatory.
	Topics         []string `yaml:"topics"`          // Relayed from the start, whoever is there.
	FollowTopics   *bool    `yaml:"follow_topics"`   // Relay the topics that nodes subscribe to, too. Default: true.
	Events         string   `yaml:"events"`          // URL of a Cordon server, or a file that gets lines of JSON. Mandatory.
	FingerprintKey string   `yaml:"fingerprint_key"` // file:PATH or env:NAME of the server's installation key.
	ReplacedKeys   []string `yaml:"replaced_keys"`   // Those that it replaced, likewise.
	Data           string   `yaml:"data"`            // Folder of the gateway's key, spool and list. Default: $XDG_STATE_HOME/bzzz-gateway.
	MaxTopics      int      `yaml:"max_topics"`      // Default: 1024.
	MaxPeers       int      `yaml:"max_peers"`       // Default: 512.
	MaxMessage     int      `yaml:"max_message"`     // Bytes of a frame. Default: 1048576, as pubsub's own.
	Queue          int      `yaml:"queue"`           // Messages that wait to be judged, and for each peer to be sent. Default: 4096.
	ScanTimeout    string   `yaml:"scan_timeout"`    // After which a message is withheld. Default: 2s.
	MinConfidence  float64  `yaml:"min_confidence"`  // 0 to 1, from when on a finding withholds. Default: 0.5.
	SpoolMegabytes int64    `yaml:"spool_megabytes"` // That wait for the server at most. Default: 64.

	Key string `yaml:"-"` // API key, from CORDON_API_KEY only
}

// Timeout is ScanTimeout; Check has seen that it is a duration.
func (s Settings) Timeout() time.Duration {
	d, _ := time.ParseDuration(s.ScanTimeout)
	return d
}

// Follows is FollowTopics with its default.
func (s Settings) Follows() bool { return s.FollowTopics == nil || *s.FollowTopics }

// ToServer reports whether Events names a server, not a file.
func (s Settings) ToServer() bool { return strings.Contains(s.Events, "://") }

// Load reads the arguments behind the program's name, the environment (through
// getenv) and the file that they name. flag.ErrHelp means that help was printed
// to out.
func Load(args []string, getenv func(string) string, out io.Writer) (Settings, error) {
	f := flags{config: getenv("BZZZ_CONFIG_PATH")}
	set := f.set(out)
	if err := set.Parse(args); err != nil {
		return Settings{}, err
	}
	if set.NArg() > 0 {
		return Settings{}, fmt.Errorf("argument %q: the gateway takes flags only; --help lists them", set.Arg(0))
	}
	s := Settings{}
	if f.config != "" {
		text, err := os.ReadFile(f.config)
		if err != nil {
			return s, fmt.Errorf("reading the configuration: %w", err)
		}
		if s, err = Parse(text); err != nil {
			return s, fmt.Errorf("%s: %w", f.config, err)
		}
	}
	f.over(&s)
	s.Key = getenv("CORDON_API_KEY")
	s.defaults(getenv)
	return s, s.check()
}

// Parse reads a file. Unknown keys are errors, with their line.
func Parse(text []byte) (s Settings, err error) {
	err = yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&s)
	if errors.Is(err, io.EOF) {
		return s, nil // an empty file
	}
	return s, err
}

type flags struct {
	config, name, listenA, listenB, events, key, data string
	topics                                            []string
}

func (f *flags) set(out io.Writer) *flag.FlagSet {
	set := flag.NewFlagSet("bzzz-gateway", flag.ContinueOnError)
	set.SetOutput(out)
	set.StringVar(&f.config, "config", f.config, "`FILE` of settings (YAML); also BZZZ_CONFIG_PATH")
	set.StringVar(&f.name, "name", "", "`NAME` of this gateway: a-z, 0-9 and - (default gateway)")
	set.StringVar(&f.listenA, "listen-a", "", "`ADDR` where nodes of side a connect: HOST:PORT or a multiaddress")
	set.StringVar(&f.listenB, "listen-b", "", "`ADDR` where nodes of side b connect")
	set.Func("topic", "`NAME` of a topic to relay from the start; may be repeated", func(v string) error {
		f.topics = append(f.topics, v)
		return nil
	})
	set.StringVar(&f.events, "events", "", "`URL|FILE`: Cordon's address (its API key in CORDON_API_KEY), or a file for lines of JSON")
	set.StringVar(&f.key, "fingerprint-key", "", "file:PATH or env:NAME of the server's installation `KEY`")
	set.StringVar(&f.data, "data", "", "`FOLDER` of the gateway's key, spool and list (default $XDG_STATE_HOME/bzzz-gateway)")
	return set
}

// over puts what was given as a flag over what a file said.
func (f *flags) over(s *Settings) {
	for from, to := range map[*string]*string{
		&f.name: &s.Name, &f.listenA: &s.ListenA, &f.listenB: &s.ListenB, &f.events: &s.Events,
		&f.key: &s.FingerprintKey, &f.data: &s.Data,
	} {
		if *from != "" {
			*to = *from
		}
	}
	if len(f.topics) > 0 {
		s.Topics = f.topics
	}
}

func (s *Settings) defaults(getenv func(string) string) {
	set(&s.Name, "gateway")
	set(&s.MaxTopics, 1024)
	set(&s.MaxPeers, 512)
	set(&s.MaxMessage, 1<<20)
	set(&s.Queue, 4096)
	set(&s.ScanTimeout, "2s")
	set(&s.MinConfidence, 0.5)
	set(&s.SpoolMegabytes, 64)
	base := getenv("XDG_STATE_HOME")
	if base == "" && getenv("HOME") != "" {
		base = filepath.Join(getenv("HOME"), ".local", "state")
	}
	if base != "" {
		set(&s.Data, filepath.Join(base, "bzzz-gateway"))
	}
}

func set[T comparable](to *T, value T) {
	var none T
	if *to == none {
		*to = value
	}
}

var nameForm = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

const maxFrame = 16 << 20

func (s *Settings) check() error {
	var errs []error
	bad := func(wrong bool, text string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(text, args...))
		}
	}
	bad(!nameForm.MatchString(s.Name), "name: %q is not 1 to 64 of a-z, 0-9 and -", s.Name)
	bad(s.Events == "", "events: give a server's URL or a file, so that what is withheld is known")
	bad(s.Data == "", "data: give a folder; there is no HOME")
	bad(s.MaxTopics < 1 || s.MaxTopics > 1<<16, "max_topics: %d is not from 1 to 65536", s.MaxTopics)
	bad(s.MaxPeers < 2 || s.MaxPeers > 1<<14, "max_peers: %d is not from 2 to 16384", s.MaxPeers)
	bad(s.MaxMessage < 1<<10 || s.MaxMessage > maxFrame, "max_message: %d is not from 1024 to %d bytes", s.MaxMessage, maxFrame)
	bad(s.Queue < 1 || s.Queue > 1<<20, "queue: %d is not from 1 to 1048576", s.Queue)
	bad(!(s.MinConfidence > 0 && s.MinConfidence <= 1), "min_confidence: %v is not above 0 and at most 1", s.MinConfidence)
	bad(s.SpoolMegabytes < 1, "spool_megabytes: %d is not positive", s.SpoolMegabytes)
	d, err := time.ParseDuration(s.ScanTimeout)
	bad(err != nil || d <= 0, "scan_timeout: %q is not a time such as 2s", s.ScanTimeout)
	for _, l := range []struct {
		key  string
		addr *string
	}{{"listen_a", &s.ListenA}, {"listen_b", &s.ListenB}} {
		m, err := multiaddress(*l.addr)
		bad(err != nil, "%s: %w", l.key, err)
		*l.addr = m
	}
	return errors.Join(errs...)
}

// multiaddress reads HOST:PORT too; HOST is an address, since a listener needs
// one, and empty for all.
func multiaddress(text string) (string, error) {
	if strings.HasPrefix(text, "/") {
		return text, nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("%q is no HOST:PORT and no multiaddress", text)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip := net.ParseIP(host)
	switch {
	case ip == nil:
		return "", fmt.Errorf("%q is no IP address", host)
	case ip.To4() != nil:
		return "/ip4/" + host + "/tcp/" + port, nil
	default:
		return "/ip6/" + host + "/tcp/" + port, nil
	}
}
