package anomaly

import (
	"path"
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

// tellingMount reports whether a folder or socket of the host, however its path is
// written, is one with which whoever can write to it rules the host.
func tellingMount(source string) bool {
	if !strings.HasPrefix(source, "/") { // a volume
		return false
	}
	source = path.Clean(source)
	if slices.Contains([]string{"docker.sock", "containerd.sock", "crio.sock", "podman.sock"}, path.Base(source)) {
		return true
	}
	return slices.Contains([]string{
		"/", "/etc", "/root", "/root/.ssh", "/proc", "/sys", "/dev", "/boot", "/run", "/var", "/var/run", "/var/lib", "/var/lib/docker", "/var/lib/kubelet",
	}, source)
}
