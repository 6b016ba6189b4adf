package deploy

import (
	"regexp"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/config"
)

// The rules for the packet filter lead to where the configuration that they ask for
// listens. That the kernel does what they say, TestRedirectedByTheKernel shows.
func TestTheRulesForThePacketFilterLeadToTheGateway(t *testing.T) {
	rules := read(t, "egress/redirect.nft")
	var yaml strings.Builder
	for line := range strings.Lines(rules) {
		if text, ok := strings.CutPrefix(line, "#   "); ok && !strings.HasPrefix(text, "nft") {
			yaml.WriteString(text)
		}
	}
	c, err := config.Parse([]byte("data: {dir: /d}\n"+yaml.String()), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatalf("%v in\n%s", err, yaml.String())
	}
	for name, listens := range map[string]string{"dns": c.Egress.DNS.Listen, "door": c.Egress.Transparent.Listen} {
		port := regexp.MustCompile(`(?m)^define ` + name + ` = (\d+)$`).FindStringSubmatch(rules)
		if port == nil || !strings.HasSuffix(listens, ":"+port[1]) {
			t.Errorf("%s: it listens on %s, the rules lead to %v", name, listens, port)
		}
	}
	if ranges, err := c.Egress.DNS.Ranges(); err != nil || len(ranges) != 2 {
		t.Errorf("synthetic addresses: %v %v", ranges, err)
	}
}
