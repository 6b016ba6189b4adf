package anomaly

import (
	"slices"
	"strings"
)

// odd says what lets a container that was started leave its walls; empty, if nothing
// does. Lists in attributes have commas between their items; a mount is SOURCE:TARGET.
func odd(attributes map[string]string) string {
	for _, name := range [...]string{"privileged", "host_network", "host_pid", "host_ipc"} {
		if strings.EqualFold(attributes[name], "true") {
			return "(" + name + ")"
		}
	}
	for capability := range strings.SplitSeq(attributes["capabilities"], ",") {
		name := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(capability)), "CAP_")
		if slices.Contains(strongCapabilities(), name) {
			return "(capability " + name + ")"
		}
	}
	for mount := range strings.SplitSeq(attributes["mounts"], ",") {
		source, _, _ := strings.Cut(strings.TrimSpace(mount), ":")
		if tellingMount(source) {
			return "(mount " + source + ")"
		}
	}
	return ""
}

// strongCapabilities are those with which root in a container is root outside, see
// capabilities(7).
func strongCapabilities() []string {
	return []string{"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF", "SYS_BOOT"}
}

// tellingMount reports whether whoever can write to a folder or socket of the host
// rules the host.
func tellingMount(source string) bool {
	if source == "/" || strings.HasSuffix(source, "/docker.sock") || strings.HasSuffix(source, "/containerd.sock") || strings.HasSuffix(source, "/crio.sock") {
		return true
	}
	source = strings.TrimSuffix(source, "/")
	return slices.ContainsFunc([]string{"/etc", "/root", "/proc", "/sys", "/dev", "/boot", "/var/lib/docker", "/var/lib/kubelet"}, func(dir string) bool {
		return source == dir
	})
}
