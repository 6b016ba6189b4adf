package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// buildCordon builds the program into a folder, as its users do.
func buildCordon(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command("go", "build", "-C", filepath.Join(".."), "-o", filepath.Join(dir, "cordon"), "./cmd/cordon")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
}

// aRepository has a clean first commit, and a fake token staged.
func aRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "first")
	leak := "token=ghp" + "_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8\n" // cordon:allow
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte(leak), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "a.txt")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ann", "-c", "user.email=ann@acme.example"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// run runs a command line of a packaging file and returns its exit code.
func run(t *testing.T, dir string, env []string, shell ...string) (int, string) {
	t.Helper()
	cmd := exec.Command(shell[0], shell[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatalf("%v: %v", shell, err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func TestEveryHookOfPreCommitRuns(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID       string   `yaml:"id"`
		Entry    string   `yaml:"entry"`
		Language string   `yaml:"language"`
		Stages   []string `yaml:"stages"`
	}
	if err := yaml.Unmarshal(text, &hooks); err != nil || len(hooks) != 3 {
		t.Fatalf("%d hooks, %v", len(hooks), err)
	}
	bin := t.TempDir()
	buildCordon(t, bin)
	env := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")}
	for _, h := range hooks {
		if h.Language != "golang" && h.Language != "system" {
			t.Errorf("%s: language %q", h.ID, h.Language)
		}
		dir := aRepository(t)
		if h.Stages[0] == "pre-push" {
			git(t, dir, "commit", "-q", "-m", "second")
			env = append(env, "PRE_COMMIT_FROM_REF=HEAD~1", "PRE_COMMIT_TO_REF=HEAD")
		}
		// pre-commit splits an entry as a shell does.
		if code, out := run(t, dir, env, "sh", "-c", h.Entry); code != 1 || !strings.Contains(out, "a.txt:1:7  github-pat") {
			t.Errorf("%s: exit code %d with a secret:\n%s", h.ID, code, out)
		}
		git(t, dir, "rm", "-q", "-f", "a.txt")
		if h.Stages[0] == "pre-push" {
			git(t, dir, "commit", "-q", "-m", "third")
			env = append(env, "PRE_COMMIT_FROM_REF=HEAD~1")
		}
		if code, out := run(t, dir, env, "sh", "-c", h.Entry); code != 0 {
			t.Errorf("%s: exit code %d without a secret:\n%s", h.ID, code, out)
		}
	}
}

// action is action.yml as GitHub reads it.
type action struct {
	Inputs map[string]struct {
		Default string `yaml:"default"`
	} `yaml:"inputs"`
	Runs struct {
		Using string `yaml:"using"`
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

type step struct {
	ID    string            `yaml:"id"`
	Shell string            `yaml:"shell"`
	Env   map[string]string `yaml:"env"`
	Run   string            `yaml:"run"`
}

// environ is a step's environment with the inputs in their places.
func (s step) environ(t *testing.T, a action, given map[string]string) (env []string) {
	t.Helper()
	for name, value := range s.Env {
		if key, ok := strings.CutPrefix(value, "${{ inputs."); ok {
			key = strings.TrimSuffix(key, " }}")
			in, there := a.Inputs[key]
			if !there {
				t.Errorf("step %s reads the input %s, which is not there", s.ID, key)
			}
			if value = in.Default; given[key] != "" {
				value = given[key]
			}
		}
		env = append(env, name+"="+value)
	}
	return env
}

func TestTheActionRuns(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil || a.Runs.Using != "composite" {
		t.Fatalf("using %q, %v", a.Runs.Using, err)
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	tests := []struct {
		name    string
		inputs  map[string]string
		code    int
		outputs string
	}{
		{"build", nil, 0, ""},
		{"a secret", nil, 1, "findings=true\n"},
		{"that may be there", map[string]string{"fail": "false"}, 0, "findings=true\n"},
		{"left out by a flag", map[string]string{"args": "--exclude\na.txt\n"}, 0, "findings=false\n"},
		{"in no commit yet", map[string]string{"history": "true"}, 0, "findings=false\n"},
		{"a folder that is not there", map[string]string{"path": "missing"}, 3, "findings=false\n"},
	}
	for _, tt := range tests {
		space, outputs := aRepository(t), filepath.Join(t.TempDir(), "outputs")
		base := []string{"GITHUB_ACTION_PATH=" + here, "RUNNER_TEMP=" + temp, "GITHUB_WORKSPACE=" + space, "GITHUB_OUTPUT=" + outputs}
		for _, s := range a.Runs.Steps {
			if s.Run == "" || (s.ID == "build") != (tt.name == "build") {
				continue
			}
			code, out := run(t, space, append(base, s.environ(t, a, tt.inputs)...), s.Shell, "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
			said, _ := os.ReadFile(outputs)
			if code != tt.code || string(said) != tt.outputs {
				t.Errorf("%s: exit code %d, outputs %q:\n%s", tt.name, code, said, out)
			}
			if _, err := os.Stat(filepath.Join(space, "cordon.sarif")); tt.outputs != "" && tt.code < 2 && err != nil {
				t.Errorf("%s: no report: %v", tt.name, err)
			}
		}
	}
}
