// Package dns is the name server of the egress sensor. A program that asks it for
// a name is judged before anybody else hears of the question: of a denied name
// nothing leaves, not even the name.
//
// A question's way: server.go takes it from UDP or TCP, query.go reads it,
// judge.go looks for secrets in it (secret.go) and for data in the names
// (tunnel.go, shape.go) and in their order (order.go), asks the policy, and has the
// answer recorded, once for what is asked again and again (askings.go). What is
// allowed is answered from the cache (cache.go) or by an upstream server
// (upstream.go), whose answer is trusted in nothing but what was asked (chain.go),
// loses addresses that the policy denies (filter.go) and keys that would hide the
// name from the gateway (svcb.go). With Synthetic, programs get an address that
// stands for the name alone (synthetic.go); the gateway knows which. Who wants to know
// whether all that works probes it (probe.go).
//
// It is a package of the egress room: it may import egress, its folders, L0, and
// the public libraries. To serve another type of record, nothing is needed unless
// it carries addresses or keys; then it has its place in filter.go.
package dns
