// Package notify tells people and programs: it follows the event log, matches
// events to webhook subscriptions and delivers them, signed as Standard
// Webhooks 1.0 asks, with retries that survive a restart.
//
// Every matching event is delivered at least once: the follower commits the
// deliveries together with its cursor, and a delivery stays pending until an
// answer is recorded, beside the sending: after a crash what was accepted and not
// recorded comes again, 256 messages of a subscription at most. A repeat carries the
// same webhook-id. Each subscription
// has a lane of its own that sends one delivery at a time; a failure makes the
// lane rest, five in a row trip the subscription, which is then probed with the
// oldest delivery until its receiver is back.
//
// A silence makes deliveries that are done before they are sent; the Manner of a
// subscription puts them off, to the end of a digest's period or of quiet hours,
// and what was put off to one time is told in one message.
//
// A webhook may name who is told of incidents that nobody acknowledges in time. Its
// timers are stored before the cursor moves on, and end with the incident's work; a
// step that comes is an event of its own, which its receiver is sent as any other.
//
// To add a format: make a folder below this one with code, a README and tests
// that call formattest.Run, and add one line to the list in internal/app. One
// whose messages do not travel by HTTP implements Carried.
//
// Level 2: it may import L0 and L1.
package notify
