package anomaly

import "testing"

// Which mounts of the host rule the host, however they are written.
func TestMountsThatTell(t *testing.T) {
	for mount, want := range map[string]bool{
		"/:/host": true, "//:/host": true, "/.:/host": true, "/tmp/..:/host": true, "/etc:/e": true, "/etc/:/e": true, "/etc/.:/e": true, "/etc//:/e": true, "/usr/../etc:/e": true,
		"/var/run/docker.sock:/s": true, "/run/podman/podman.sock:/s": true, "/run/containerd/containerd.sock/:/s": true, "/run:/r": true, "/var/run:/r": true, "/var:/v": true, "/root/.ssh:/k": true,
		"/srv/data:/d": false, "data:/d": false, "": false, "/etc/localtime:/etc/localtime": false, "/home/anna/etc:/d": false, ".:/d": false, "./run:/d": false, "/runs:/d": false,
	} {
		if got := odd(map[string]string{"mounts": "/srv:/srv, " + mount}) != ""; got != want {
			t.Errorf("%q: told of %t, want %t", mount, got, want)
		}
	}
}
