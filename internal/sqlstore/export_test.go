package sqlstore

// The queries that choose a page, for the tests of their plans.
var (
	QuarantineIDs = quarantineIDs
	FindingIDs    = findingIDs
	Letters       = letters
	Backlogs      = backlogs
)

// Hold makes n deliveries the most that may wait for a disabled webhook.
func (n *Notify) Hold(most int) { n.maxWaiting = most }

// What may wait for a disabled webhook.
const (
	MaxWaiting = maxWaiting
	MaxWait    = maxWait
)

// Held is the most that may wait for a disabled webhook.
func (n *Notify) Held() int { return n.maxWaiting }
