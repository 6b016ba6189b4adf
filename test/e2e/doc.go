// Package e2e tests the whole system from outside: the real binary against real
// peers (Hypercore's npm package, HTTP receivers). Its tests are behind the
// build tag servers, which `make test` sets.
package e2e
