package ftp

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"go.cordon.dev/cordon/internal/deception/service"
	"go.cordon.dev/cordon/internal/deception/service/servicetest"
)

// The README's configuration is one that the service takes, and it names all
// sixteen keys.
func TestTheReadmesConfigurationWorks(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```yaml\n")
	block, _, _ = strings.Cut(block, "```")
	var shown struct {
		Services []struct{ Config service.Config }
	}
	if err := yaml.Unmarshal([]byte(block), &shown); err != nil || len(shown.Services) != 1 {
		t.Fatalf("%d services, error %v", len(shown.Services), err)
	}
	if _, err := Kind(nil).New(servicetest.Setup(t, shown.Services[0].Config)); err != nil {
		t.Error(err)
	}
	if got := len(shown.Services[0].Config); got != 16 {
		t.Errorf("it shows %d keys of 16", got)
	}
}
