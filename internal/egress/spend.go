package egress

import (
	"errors"
	"net"
	"time"

	"go.cordon.dev/cordon/guard/egress/policy"
	"go.cordon.dev/cordon/internal/egress/budget"
)

// errSpent ends a connection by which no more may leave.
var errSpent = errors.New("the rule's data_budget is used up")

// withinBudget asks again when the rule that allows a request has let out what its
// data_budget allows.
func (g *Gateway) withinBudget(r policy.Request, d policy.Decision) policy.Decision {
	if !d.Allowed() || d.Budget.IsZero() || r.Spent != "" {
		return d
	}
	if g.o.Budgets.Left(budget.KeyOf(d, r.Program.Exe), d.Budget, r.Time) > 0 {
		return d
	}
	r.Spent = d.RuleID
	return g.o.Judge.Decide(r)
}

// outlet is where the flow writes what goes to the origin: the connection itself,
// or one that pays from a budget.
func (u *upstream) outlet(f *flow) net.Conn {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.decision.Budget.IsZero() {
		return u.conn
	}
	return paying{u.conn, f}
}

// paying takes what it writes from the budget of the flow's rule. It has none of
// the ways by which bytes pass within the kernel, uncounted.
type paying struct {
	net.Conn
	f *flow
}

// Write writes as much as may leave.
func (p paying) Write(b []byte) (n int, err error) {
	now := p.f.client.g.o.Clock.Now()
	granted, refused := p.f.pay(len(b))
	if granted > 0 {
		n, err = p.Conn.Write(b[:granted])
		p.f.refund(granted-n, now)
	}
	if err == nil && refused {
		_ = p.SetReadDeadline(time.Now()) // whoever waits for an answer learns of it
		err = errSpent
	}
	return n, err
}

// CloseWrite says that no more will come.
func (p paying) CloseWrite() error {
	if half, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return p.Conn.Close()
}

// afford is pay for a flow that may have no budget.
func (f *flow) afford(n int) (granted int, refused bool) {
	if _, d := f.judged(); d.Budget.IsZero() {
		return n, false
	}
	return f.pay(n)
}

// pay takes n bytes from the budget. When there are fewer, the policy is asked
// whether that matters.
func (f *flow) pay(n int) (granted int, refused bool) {
	r, d := f.judged()
	if d.Budget.IsZero() { // another rule lets it pass meanwhile
		return n, false
	}
	book, key, now := f.client.g.o.Budgets, budget.KeyOf(d, r.Program.Exe), f.client.g.o.Clock.Now()
	if d.Reason != policy.ReasonDataBudget {
		granted = int(book.Take(key, d.Budget, int64(n), now))
	}
	if granted == n {
		return n, false
	}
	if d.Reason != policy.ReasonDataBudget {
		r.Spent = d.RuleID
		d = f.judge(r)
		if d.Allowed() {
			f.note()
		}
	}
	if !d.Allowed() {
		f.spent.Store(&d)
		return granted, true
	}
	if d.Reason != policy.ReasonDataBudget { // another rule's by now, which may have a budget, too
		more, refused := f.pay(n - granted)
		return granted + more, refused
	}
	book.Overdraw(key, d.Budget, int64(n-granted), now)
	return n, false
}

// refund gives back what was taken at that time and could not be sent.
func (f *flow) refund(n int, taken time.Time) {
	if n <= 0 {
		return
	}
	r, d := f.judged()
	if d.Budget.IsZero() {
		return
	}
	f.client.g.o.Budgets.Return(budget.KeyOf(d, r.Program.Exe), int64(n), taken)
}

// judged is what was judged last, and the answer.
func (f *flow) judged() (policy.Request, policy.Decision) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.request, f.decision
}

// countsBy takes on what another policy says of a flow's budget. It fails where none
// was counted so far: its bytes may be passing within the kernel.
func (f *flow) countsBy(d policy.Decision) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d.Budget.IsZero() || f.request.Host == "" {
		return true
	}
	if f.decision.Budget.IsZero() {
		return false
	}
	f.decision = d
	return true
}

// overspent records that the flow was ended by a budget, and says so; false when it
// was not.
func (f *flow) overspent() (cut string, ok bool) {
	d := f.spent.Load()
	if d == nil {
		return "", false
	}
	return string(f.deny(*d).Reason), true
}

// refusal is why the rest of the request may not leave; nil when it may.
func (x *exchange) refusal() *policy.Decision {
	if d := x.leak.Load(); d != nil {
		return d
	}
	return x.f.spent.Load()
}
