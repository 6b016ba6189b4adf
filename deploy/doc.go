// Package deploy holds what runs Cordon elsewhere: a systemd unit, a
// Dockerfile with compose files, Prometheus rules, a Grafana dashboard. It is a
// package only for the tests that keep these files true; it may be imported by
// nobody. A new file gets a test here that reads it as its user would.
package deploy
