//go:build servers && linux

package respond_test

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.cordon.dev/cordon/internal/respond"
	"go.cordon.dev/cordon/internal/testdebian"
)

// nft is nftables in a network of the test's own: of the machine's firewall nothing is
// read or changed.
type nft struct {
	t       *testing.T
	program string
}

func realNFT(t *testing.T) nft {
	t.Helper()
	return nft{t, testdebian.Program(t, "nftables", "nft")}
}

// run gives lists to nft one after the other, in one new network, and then shows what
// holds there. check: they are only checked.
func (n nft) run(check bool, lists ...string) (string, error) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), time.Minute)
	defer cancel()
	script, args := "set -e\n", []string{"-c", "", n.program}
	for k, list := range lists {
		file := filepath.Join(n.t.TempDir(), "list.nft")
		if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
			n.t.Fatal(err)
		}
		args = append(args, file)
		script += map[bool]string{true: `"$0" -c -f "$`, false: `"$0" -f "$`}[check] + string(rune('1'+k)) + "\"\n"
	}
	args[1] = script + `"$0" list ruleset` + "\n"
	cmd := exec.CommandContext(ctx, "/bin/sh", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Lists that firewalls pull are taken by the real nft, checked and loaded, and the next
// one takes the place of the one before.
func TestNFTTakesTheList(t *testing.T) {
	n := realNFT(t)
	lists := map[string][]netip.Prefix{
		"nothing":    nil,
		"addresses":  networks("203.0.113.9", "198.51.100.7", "2001:db8::1"),
		"networks":   networks("203.0.113.0/24", "198.51.0.0/16", "2001:db8:1::/48", "2001:db8:8000::/33"),
		"one kind":   networks("2001:db8::1"),
		"neighbours": networks("203.0.113.0/25", "203.0.113.128/25", "203.0.114.0", "203.0.114.1"),
		"the most":   most(),
	}
	for name, list := range lists {
		t.Run(name, func(t *testing.T) {
			n := nft{t, n.program}
			if out, err := n.run(true, respond.NFT(list)); err != nil {
				t.Fatalf("nft -c -f: %v\n%.2000s", err, out)
			}
			out, err := n.run(false, respond.NFT(lists["addresses"]), respond.NFT(list))
			if err != nil {
				t.Fatalf("nft -f: %v\n%.2000s", err, out)
			}
			if name != "addresses" && strings.Contains(out, "198.51.100.7") {
				t.Errorf("an address of the list before is still there:\n%.2000s", out)
			}
			for _, p := range list[:min(len(list), 3)] {
				if name != "neighbours" && !strings.Contains(out, respond.Name(p)) {
					t.Errorf("%s is not in force:\n%.2000s", p, out)
				}
			}
		})
	}
}

// The rules of docs/response.md use the sets.
func TestTheRulesOfTheDocumentationUseTheList(t *testing.T) {
	text, err := os.ReadFile("../../docs/response.md")
	if err != nil {
		t.Fatal(err)
	}
	var rules []string
	for line := range strings.Lines(string(text)) {
		if rule, ok := strings.CutPrefix(line, "nft add "); ok {
			rules = append(rules, "add "+strings.ReplaceAll(rule, "'", ""))
		}
	}
	out, err := realNFT(t).run(false, respond.NFT(networks("203.0.113.9", "2001:db8::1")), strings.Join(rules, ""))
	if err != nil || len(rules) != 3 || !strings.Contains(out, "ip saddr @blocked4 drop") || !strings.Contains(out, "ip6 saddr @blocked6 drop") {
		t.Errorf("%d rules, %v\n%s", len(rules), err, out)
	}
}

// What is no list is refused, or the tests above would say nothing.
func TestNFTRefusesWhatIsNone(t *testing.T) {
	if out, err := realNFT(t).run(true, strings.Replace(respond.NFT(networks("203.0.113.9")), "203.0.113.9", "203.0.113.999", 1)); err == nil {
		t.Errorf("taken: %s", out)
	}
}

// most are as many addresses as a list may have.
func most() []netip.Prefix {
	a := netip.MustParseAddr("203.0.0.0")
	out := make([]netip.Prefix, respond.MaxBlocks)
	for k := range out {
		out[k] = netip.PrefixFrom(a, 32)
		a = a.Next()
	}
	return out
}
