package cli

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.cordon.dev/cordon/internal/api"
	"go.cordon.dev/cordon/internal/api/client"
	"go.cordon.dev/cordon/internal/config"
)

// demoCmd plays a short story through the real doors of a running server: it
// drops files with fake secrets into a watched folder, tries one of them on a decky,
// reports failed logins, sends requests through the egress gateway, and shows what comes of it.
type demoCmd struct {
	Folder  string        `placeholder:"DIR" help:"The watched folder to use. Default: the server's drop folder."`
	Timeout time.Duration `default:"60s" help:"How long to wait for the catches."`
	Keep    bool          `help:"Leave the dropped files where they are."`
}

// scene is one file of the story. Whatever is called demo in a server's pages
// comes from here: the file name says so.
type scene struct {
	name, tells, text string
}

// scenes builds the story. The secrets are put together here, so that this
// source file holds none.
func scenes() []scene {
	github := "ghp" + "_" + "Q4m8Zt1wXv7Ks9Bd3Wn6Rp2Yh5Jg0LfTc8Ea" // cordon:allow
	aws := demoKey()
	return []scene{
		{"demo-1-report.json", "an agent reports its work: nothing to find",
			`{"type":"task_result","from":"demo-agent-1","timestamp":"2026-01-01T00:00:00Z","data":{"task":"build","status":"ok"},"hop_count":0}`},
		{"demo-2-deploy.json", "another pastes its environment, with an AWS key in it",
			`{"type":"task_result","from":"demo-agent-2","timestamp":"2026-01-01T00:00:01Z","data":{"env":{"AWS_ACCESS_KEY_ID":"` + aws + `"}},"hop_count":1}`},
		{"demo-3-encoded.json", "a third hides a GitHub token in base64, three levels deep",
			`{"type":"chat","from":"demo-agent-3","timestamp":"2026-01-01T00:00:02Z","data":{"a":{"b":{"note":"` + base64.StdEncoding.EncodeToString([]byte("please use "+github+" to push")) + `"}}},"hop_count":0}`},
	}
}

func (c *demoCmd) Run(ctx context.Context, s *session) error {
	return s.withClient(ctx, false, func(api *client.Client) error {
		ctx, cancel := context.WithTimeout(ctx, c.Timeout)
		defer cancel()
		folder, source, err := c.door(ctx, api)
		if err != nil {
			return err
		}
		if err := c.play(ctx, s, api, folder, source); err != nil {
			return err
		}
		if err := c.deckyScene(ctx, s, api); err != nil {
			return err
		}
		if err := c.anomalyScene(ctx, s, api); err != nil {
			return err
		}
		if err := c.egressScene(ctx, s, api); err != nil {
			return err
		}
		fmt.Fprintln(sentences(s.Stdout), "\nThe secrets were fake; what you saw is real. Look at it in the dashboard, or with `cordon incident list`, `cordon quarantine list`, `cordon session list`, `cordon anomaly list` and `cordon egress blocked`.")
		return nil
	})
}

// door finds a folder that the server watches.
func (c *demoCmd) door(ctx context.Context, cl *client.Client) (folder, source string, err error) {
	sources, err := cl.Sources(ctx)
	if err != nil {
		return "", "", err
	}
	for _, src := range sources {
		match := c.Folder != "" && filepath.Clean(src.Path) == filepath.Clean(c.Folder) || c.Folder == "" && src.ID == config.DropID
		if src.Kind == "dir" && match {
			return src.Path, src.ID, nil
		}
	}
	return "", "", fmt.Errorf("the server watches no drop folder; add one with `cordon serve --watch dir:PATH` and give it as --folder PATH")
}

func (c *demoCmd) play(ctx context.Context, s *session, cl *client.Client, folder, source string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making drop folder: %w", err)
	}
	stamp := time.Now().UTC().Format("150405.000")
	for _, sc := range scenes() {
		fmt.Fprintf(sentences(s.Stdout), "-> %s\n", sc.tells)
		seen, err := messages(ctx, cl, source)
		if err != nil {
			return err
		}
		name := stamp + "-" + sc.name
		path, err := drop(folder, name, sc.text)
		if err != nil {
			return err
		}
		if !c.Keep {
			defer func() { _ = os.Remove(path) }()
		}
		caught, err := c.await(ctx, cl, source, name, seen+1)
		if err != nil {
			return err
		}
		s.tell(caught)
	}
	return nil
}

// drop writes a file under another name first, so that the watcher never sees
// half of it. Everybody may read it: its secrets are fake, and the server may run as
// another user than whoever shows what it does.
func drop(folder, name, text string) (string, error) {
	path := filepath.Join(folder, name)
	tmp := filepath.Join(folder, "."+name)
	err := os.WriteFile(tmp, []byte(text+"\n"), 0o600)
	if err == nil {
		err = os.Chmod(tmp, 0o644) // whatever the umask
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return "", fmt.Errorf("dropping a file: %w", err)
	}
	return path, nil
}

// await waits until the server has scanned one message more, and returns what
// it caught in the file.
func (c *demoCmd) await(ctx context.Context, cl *client.Client, source, name string, until uint64) ([]api.Quarantine, error) {
	for {
		n, err := messages(ctx, cl, source)
		if err != nil {
			return nil, err
		}
		if n >= until {
			return caughtIn(ctx, cl, source, name)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the file was not scanned within %s; `cordon doctor` says how the source fares", c.Timeout)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// messages is how many messages the server has scanned of a source.
func messages(ctx context.Context, cl *client.Client, source string) (uint64, error) {
	sources, err := cl.Sources(ctx)
	if err != nil {
		return 0, err
	}
	for _, src := range sources {
		if src.ID == source {
			return src.Messages, nil
		}
	}
	return 0, fmt.Errorf("source %s is gone", source)
}

func caughtIn(ctx context.Context, cl *client.Client, source, name string) ([]api.Quarantine, error) {
	page, err := cl.QuarantineList(ctx, client.QuarantineQuery{Source: source, Limit: 50})
	if err != nil {
		return nil, err
	}
	var caught []api.Quarantine
	for _, q := range page.Items {
		if strings.HasSuffix(q.Label, name) {
			caught = append(caught, q)
		}
	}
	return caught, nil
}

func (s *session) tell(caught []api.Quarantine) {
	if len(caught) == 0 {
		fmt.Fprintln(sentences(s.Stdout), "   nothing withheld")
	}
	for _, q := range caught {
		fmt.Fprintf(sentences(s.Stdout), "   CAUGHT %s %s (confidence %.2f)\n   %s\n", q.Severity, q.SecretType, q.Confidence, oneLine(q.RedactedContent))
		if q.Recommendation != "" {
			fmt.Fprintf(sentences(s.Stdout), "   what to do: %s\n", oneLine(q.Recommendation))
		}
	}
}
