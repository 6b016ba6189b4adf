package egress

import "math"

// crowdSample is how many clients are looked at for one that can go. Few are
// enough: where thousands owe a request, nearly each of a handful does.
const crowdSample = 32

// makeRoom cuts a client that owes a request, so that who sends half heads by the
// thousand, or opens connections and says nothing, keeps nobody else out. Of a
// sample the one goes that has owed the longest. It reports false when all have
// something under way. It is called with g.mu held.
func (g *Gateway) makeRoom() bool {
	var victim *client
	oldest, looked := int64(math.MaxInt64), 0
	for c := range g.clients { // in no order, so those that come first are a sample
		if since := c.owes.Load(); since > 0 && since < oldest {
			victim, oldest = c, since
		}
		if looked++; looked == crowdSample {
			break
		}
	}
	if victim == nil {
		return false
	}
	delete(g.clients, victim)
	g.totals.turnedAway.Add(1)
	victim.sever("the gateway is full, and it owed a request")
	return true
}

// owesRequest notes that the client is to send a request, from now on.
func (c *client) owesRequest() { c.owes.Store(c.g.o.Clock.Now().UnixNano()) }

// hasAsked notes that it has sent one.
func (c *client) hasAsked() { c.owes.Store(0) }
