package notify

import (
	"maps"
	"slices"
)

// mostAtHand bounds the bytes of what is at hand of all subscriptions together: some
// 48,000 deliveries of short events that several webhooks hear of.
const (
	mostAtHand   = 24 << 20
	deliverySize = 512 // of a delivery without its event
)

// hand is what was stored a moment ago and is due at once: it is sent from here, so that
// nobody reads the store for it. What does not fit is left to the store, which has all
// of it. Its owner's lock guards it.
type hand struct {
	aboard map[string]bool       // deliveries of the transaction under way, by id
	ids    map[string]int        // those in ready, with their bytes
	bytes  int                   // of them all
	ready  map[string][]Delivery // by subscription, as they came
	subs   map[string]Subscription
}

// board remembers deliveries that are about to be stored: who reads them in the store
// before arrive was called must know that they will come.
func (h *hand) board(subs []Subscription, ds []Delivery) {
	h.aboard = make(map[string]bool, len(ds))
	if len(ds) == 0 {
		return
	}
	h.subs = make(map[string]Subscription, len(subs))
	for _, s := range subs {
		h.subs[s.ID] = s
	}
	for _, d := range ds {
		if h.suits(d) {
			h.aboard[d.ID] = true
		}
	}
}

// suits tells what is due at once, and may go alone, from what the store keeps until its
// time.
func (h *hand) suits(d Delivery) bool {
	s := h.subs[d.SubscriptionID]
	return d.State == Pending && s.State() == Active && !s.Manner.waits()
}

// arrive has deliveries at hand that were stored. handed: there are some. left: some are
// for the store to tell of.
func (h *hand) arrive(ds []Delivery) (handed, left bool) {
	if h.ready == nil {
		h.ready, h.ids = map[string][]Delivery{}, map[string]int{}
	}
	for i, d := range ds {
		size := deliverySize
		if i == 0 || ds[i-1].Event.ID != d.Event.ID { // the others share it
			size += len(d.Event.Data)
		}
		if !h.aboard[d.ID] || h.bytes+size > mostAtHand {
			left = true
			continue
		}
		h.ready[d.SubscriptionID] = append(h.ready[d.SubscriptionID], d)
		h.ids[d.ID] = size
		h.bytes += size
		handed = true
	}
	h.aboard = nil
	return handed, left
}

func (h *hand) holds(id string) bool { return h.aboard[id] || h.ids[id] > 0 }

func (h *hand) names() []string { return slices.Collect(maps.Keys(h.ready)) }

// pick takes the first of a subscription. There may be none any more.
func (h *hand) pick(subscription string, most int) (Subscription, []Delivery) {
	all := h.ready[subscription]
	if len(all) == 0 {
		return Subscription{}, nil
	}
	some := all[:min(most, len(all))]
	for _, d := range some {
		h.bytes -= h.ids[d.ID]
		delete(h.ids, d.ID)
	}
	if h.ready[subscription] = all[len(some):]; len(all) == len(some) {
		delete(h.ready, subscription)
	}
	return h.subs[subscription], some
}

// leave forgets what is at hand of a subscription.
func (h *hand) leave(subscription string) { h.pick(subscription, len(h.ids)) }

// drop forgets all, and reports whether there was something.
func (h *hand) drop() bool {
	some := len(h.ids) > 0
	*h = hand{}
	return some
}
