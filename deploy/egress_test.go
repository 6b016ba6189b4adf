package deploy

import (
	"regexp"
	"strings"
	"testing"

	"go.cordon.dev/cordon/internal/config"
)

// The rules for the packet filter lead to where the configuration that they ask for
// listens. That the kernel does what they say, TestRedirectedByTheKernel and
// TestRoutedByTheKernel show.
func TestTheRulesForThePacketFilterLeadToTheGateway(t *testing.T) {
	for _, file := range []string{"egress/redirect.nft", "egress/router.nft"} {
		t.Run(file, func(t *testing.T) { leadsToTheGateway(t, read(t, file)) })
	}
}

func leadsToTheGateway(t *testing.T, rules string) {
	_, after, _ := strings.Cut(rules, "# cordon.yaml needs:\n#\n")
	asked, _, _ := strings.Cut(after, "\n#\n")
	yaml := strings.ReplaceAll(asked, "#   ", "")
	c, err := config.Parse([]byte("data: {dir: /d}\n"+yaml+"\n"), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatalf("%v in\n%s", err, yaml)
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
