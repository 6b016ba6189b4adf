// Package notify tells people and programs: it follows the event log, matches
// events to webhook subscriptions and delivers them, signed as Standard
// Webhooks 1.0 asks, with retries that survive a restart.
//
// Every matching event is delivered at least once: the follower commits the
// deliveries together with its cursor, and a delivery stays pending until an
// answer is recorded. A repeat carries the same webhook-id. Each subscription
// has a lane of its own that sends one delivery at a time; a failure makes the
// lane rest, five in a row trip the subscription.
//
// To add a format: make a folder below this one with code, a README and tests
// that call formattest.Run, and add one line to the list in internal/app.
//
// Level 2: it may import L0 and L1.
package notify
