package archtest

import (
	"go/ast"
	"path"
	"strings"
	"testing"
)

// decision is one checkable sentence of the project's decisions, in short, and
// the test that fails when it is untrue: a function of a Go file, or a line of
// a script's comments.
type decision struct {
	says, file, test string
}

// decisions covers what is built. Who builds more adds the sentences that
// become true with it, and a test for each.
func decisions() map[string][]decision {
	return map[string][]decision{
		"House": houseDecisions(), "Store and events": storeDecisions(), "Secrets": secretDecisions(), "Running": runningDecisions(),
	}
}

func houseDecisions() []decision {
	const arch, house = "internal/archtest/arch_test.go", "internal/archtest/house_test.go"
	return []decision{
		{"store is level 1, sqlstore an adapter on level 3 that may import level 2", arch, "TestImportsGoDown"},
		{"only app imports sqlstore", arch, "TestConfinedPackagesStayInTheirRooms"},
		{"edges within a level are listed", arch, "TestTheRulesForbid"},
		{"the adapters implement what the consumers ask for", "internal/sqlstore/sqlstore_test.go", "TestSQLite"},
		{"app.Main builds the CLI and injects Serve", "cmd/cordon/main_test.go", "TestScript"},
		{"the BZZZ codec imports the standard library only", house, "TestBzzzlogImportsTheStandardLibraryOnly"},
		{"public libraries know nothing of internal/", arch, "TestTheRulesForbid"},
		{"NATS only joins nodes: an embedded one opens no port", "internal/bus/natsbus/natsbus_test.go", "TestEmbeddedOpensNoPort"},
		{"the navigation shows only what is built", house, "TestTheNavigationShowsOnlyWhatIsBuilt"},
		{"the event catalogue shows only what is built", house, "TestTheCatalogueShowsOnlyWhatIsBuilt"},
		{"the catalogue agrees with the payloads", "internal/event/catalogue_test.go", "TestCatalogueIsTrue"},
		{"web/dist/.keep is embedded in a clean clone; tag noui", house, "TestTheDashboardsFolderIsInEveryClone"},
		{"without a dashboard there is a plain page", "internal/api/site_test.go", "TestWithoutADashboardThePageSaysWhatToDo"},
		{"storage interfaces have up to 6 methods, others up to 3", arch, "TestInterfacesAreSmall"},
		{"our word is allowlist", house, "TestTheWordIsAllowlist"},
		{"viewer < reviewer < responder < admin", "internal/auth/password_test.go", "TestRoles"},
		{"each operation has its role", "internal/api/access_test.go", "TestRoleMatrix"},
		{"CORDON_* overrides every key", "internal/config/config_test.go", "TestEnvironmentOverridesEveryKey"},
		{"cordon_* names the metrics", "internal/telemetry/metrics_test.go", "TestScrape"},
		{"cdn_ begins every API key", "internal/auth/keys_test.go", "TestAKeyIsShownOnceAndKeptAsAHash"},
	}
}

func storeDecisions() []decision {
	const suite, ledger, queue = "internal/store/storetest/storetest.go", "internal/sqlstore/sqlstoretest/ledger.go", "internal/sqlstore/sqlstoretest/notify.go"
	return []decision{
		{"rows, events and position share one transaction", ledger, "testCommit"},
		{"what cannot be stored leaves none of them", ledger, "testCommitFails"},
		{"nor does a killed process", "internal/sqlstore/crash_test.go", "TestKilled"},
		{"a cursor is day and number", "internal/event/event_test.go", "TestCursorRoundTrip"},
		{"the day of the log never goes back", suite, "testDay"},
		{"a transaction never spans two files; one counter in one row", "internal/store/onefile_test.go", "TestATransactionHasOneFileAndOneCounter"},
		{"numbers are in the order of commits, two transactions interleaved", "internal/store/storetest/nodes.go", "testInterleaved"},
		{"a reader behind a cursor misses nothing", "internal/store/storetest/nodes.go", "testTwoNodes"},
		{"the event log is the outbox: the bus hears what was committed", suite, "testAfterCommit"},
		{"deliveries and the notifier's cursor are stored together", queue, "testEnqueue"},
		{"a lost bus only delays", "internal/notify/survive_test.go", "TestASilentBusOnlyDelays"},
		{"a tripped webhook keeps queueing", queue, "testTrip"},
		{"for 72 hours, then dead letters", queue, "testQueueAge"},
		{"the oldest beyond the bound are dead letters", "internal/sqlstore/sqlstore_test.go", "TestDisabledWebhookQueueIsBounded"},
		{"the bound is 100 000", "internal/sqlstore/audit_test.go", "TestWhatADisabledWebhookHolds"},
		{"ingest answers only after commit or spool", "internal/ingest/ingest_test.go", "TestEventsWaitForTheStore"},
		{"the spool is bounded", "internal/ingest/ingest_test.go", "TestAFullSpoolRefuses"},
		{"and survives what is cut off", "internal/ingest/spool/spool_test.go", "TestATornEndIsNotDamage"},
		{"an event from outside is taken once by its Idempotency-Key", "internal/ingest/ingest_test.go", "TestAKeyStandsForIDs"},
		{"and stored in one transaction with its rows", "internal/sqlstore/sqlstoretest/ingest.go", "testIngest"},
		{"an event is taken once by its id", suite, "testKnownEvent"},
		{"a request is done once by its Idempotency-Key", "internal/api/quarantine_test.go", "TestARepeatWithOneKeyGetsOneAnswer"},
		{"a source stays where it is while the store is down", "internal/leak/sensor_test.go", "TestAStoreThatIsAwayLosesNothing"},
		{"nodes of one database take turns: who reads and then writes is not overtaken", "internal/store/storetest/concurrency.go", "testTurns"},
		{"the store keeps its promises on PostgreSQL and MariaDB", "internal/store/servers_test.go", "TestServers"},
		{"and so do the adapters", "internal/sqlstore/servers_test.go", "TestServers"},
		{"a database server that is away costs time only", "internal/store/servers_test.go", "TestAServerThatIsAwayLosesNothing"},
		{"for a whole node, too", "test/e2e/databases_test.go", "TestADatabaseServerThatIsAwayLosesNothing"},
		{"a node whose database does not answer at the start waits", "internal/app/openstore_test.go", "TestADatabaseThatIsAwayIsWaitedFor"},
		{"rows are deleted when they were kept long enough", "internal/app/retention_test.go", "TestWhatWasKeptLongEnoughIsDeleted"},
		{"an event waits for whoever reads the log", "internal/sqlstore/sqlstoretest/retention.go", "testDropUnread"},
		{"each step of a migration runs again", "internal/store/open_test.go", "TestMigrationsRunAgain"},
		{"payloads carry what joins; source is node/service, a log's id is source_id", "internal/app/decisions_test.go", "TestStoredEventsCarryWhatJoins"},
		{"payloads keep their fields", "internal/event/catalogue_test.go", "TestPayloadsAsJSON"},
		{"severity is lower case in JSON", "internal/event/event_test.go", "TestSeverityNames"},
		{"and a rank in the store", "internal/sqlstore/rank_test.go", "TestSeverityIsStoredAsARank"},
		{"upper case only in labels of shhh_", "internal/app/decisions_test.go", "TestSeverityIsUpperCaseInOldLabelsOnly"},
		{"lower case in what scan writes", "cmd/cordon/testdata/script/scan-places.txtar", "Severity is lower case wherever a program reads it."},
		{"YAML reads any case", "internal/config/config_test.go", "TestParseReadsAWholeFile"},
		{"rules read any case", "detect/secret_test.go", "TestSeverityIsReadInAnyCaseAndWrittenInLower"},
		{"info never enters quarantine", "internal/leak/sensor_test.go", "TestPolicyDecidesWhatEntersQuarantine"},
		{"and cannot be configured to", "internal/config/config_test.go", "TestBadInputIsNamedWithItsPlace"},
	}
}

func secretDecisions() []decision {
	const keys, ring, places = "internal/config/keys/keys_test.go", "internal/redact/keyring_test.go", "cmd/cordon/testdata/script/scan-places.txtar"
	return []decision{
		{"a credential that the leak sensor knows keeps the fingerprint only", "internal/sqlstore/sqlstoretest/capture.go", "testLeakedCredential"},
		{"what an attacker typed is sealed at rest", "internal/deception/capture/secrecy_test.go", "TestNothingThatAnAttackerTypedIsInTheClear"},
		{"a fingerprint is HMAC-SHA-256, written v1:<keyid>:<hex>", ring, "TestFingerprintFormat"},
		{"key files are made 0600, once", keys, "TestKeysAreMadeOnceAndOnlyForTheOwner"},
		{"by one of many that start together", keys, "TestProcessesThatStartTogetherGetOneKey"},
		{"as with O_EXCL, never through a link", "internal/config/keys/link_test.go", "TestAKeyIsNotMadeThroughALink"},
		{"file: gives the key", places, "The id is of the place"},
		{"env: gives the key", "cmd/cordon/testdata/script/scan.txtar", "With an installation key there is a fingerprint"},
		{"the store holds key id and check value", "internal/store/storetest/storetest.go", "testPinKey"},
		{"a node with another key refuses to start", "cmd/cordon/testdata/script/keys.txtar", "A node with another key refuses to start"},
		{"a replaced key is kept for lookup", "cmd/cordon/testdata/script/keys.txtar", "A key that is replaced is kept"},
		{"and gives the fingerprints it gave", keys, "TestAReplacedKeyStillFindsWhatItStored"},
		{"rotate-key replaces it and says so in the audit log", "cmd/cordon/testdata/script/keys.txtar", "rotate-key makes a new key."},
		{"what was read under it is not read again", "internal/leak/source/dir/source_test.go", "TestAReplacedKeyReadsNothingAgain"},
		{"a secret is looked up under all keys", "internal/api/lookup_test.go", "TestASecretIsLookedUp"},
		{"no secret enters by an event", "internal/ingest/ingest_test.go", "TestNoSecretEnters"},
		{"a position shows nothing of a log", "internal/leak/source/file/source_test.go", "TestThePositionShowsNothing"},
		{"and is known by its marks", "internal/redact/replaced_test.go", "TestAReplacedKeyKeepsItsMarks"},
		{"a scan's id survives edits around it", "internal/scan/run_test.go", "TestAnIDSurvivesWhatHappensAroundIt"},
		{"with a key a baseline goes by fingerprints", "internal/scan/accepted_test.go", "TestBaseline"},
		{"a repository that is scanned runs nothing", "internal/scan/git_test.go", "TestARepositoryRunsNothing"},
		{"scan without a key prints null, and always a place's id", places, "Without a key a fingerprint is null"},
		{"the hash of a whole message is keyed", "internal/leak/keyed_test.go", "TestTheHashOfAMessageIsKeyed"},
		{"no two uses of the key meet", ring, "TestNoTwoUsesOfAKeyMeet"},
		{"one quarantine row per source, index, fork and fingerprint", "internal/sqlstore/sqlstoretest/ledger.go", "testDistinct"},
		{"also when read twice", "internal/sqlstore/sqlstoretest/ledger.go", "testCommitTwice"},
		{"scan prints a finding per place, also across files", places, "A finding is a place"},
		{"only what overlaps is one", places, "What overlaps is one"},
		{"a log is never modified; what was found in one is observed", "internal/app/decisions_test.go", "TestWhatIsWatchedIsNeverModified"},
		{"nor a Hypercore, however it is read", "hypercore/promises_test.go", "TestNothingIsWritten"},
		{"redaction: 4 + 3, under 12 none, cards the last 4", "detect/redact_test.go", "TestRedactShowsLittle"},
		{"never more than a quarter", "detect/redact_test.go", "TestRedactNeverShowsMoreThanAQuarter"},
		{"context is redacted itself", "detect/redact_test.go", "TestRedactedTextShowsNoPartOfASecret"},
		{"in the sensor, too", "internal/leak/mechanism_test.go", "TestNeighboursAreRedactedHoweverTheyAreWritten"},
		{"no secret is in rows, events or logs", "internal/leak/plant_test.go", "TestEverySecretIsFoundOnceAndShownNowhere"},
		{"RLIMIT_CORE 0 and non-dumpable", "internal/app/harden_linux_test.go", "TestTheProcessMayNotBeDumped"},
		{"an aborted server leaves no core", "cmd/cordon/core_linux_test.go", "TestAnAbortedServerLeavesNoCore"},
		{"events, webhooks and stream have no field for a secret", "internal/event/payload_test.go", "TestNoPayloadHasAFieldForASecret"},
		{"webhook secrets are sealed, inline ones warned of", "cmd/cordon/testdata/script/webhook-secrets.txtar", "A secret that stands in the file works, with a warning"},
		{"sealed with the master key", keys, "TestSealOpensOnlyUnchangedAndWithItsKey"},
		{"config print shows no database's password", "internal/config/store_test.go", "TestPrintShowsNoPasswordOfTheDatabase"},
		{"config print redacts", "internal/config/config_test.go", "TestPrintShowsReferencesAndNoValues"},
		{"secure_delete is on", "internal/store/open_test.go", "TestConnectionSettings"},
		{"what expired is in no file, while the store is open", "internal/sqlstore/retention_test.go", "TestExpiredEntriesAreInNoFile"},
		{"what was deleted is in no file, the WAL neither", "internal/store/open_test.go", "TestDeletedIsGone"},
	}
}

func runningDecisions() []decision {
	const scripts, sections = "cmd/cordon/testdata/script/", "cmd/cordon/testdata/script/sections.txtar"
	return []decision{
		{"the control socket is 0600", "internal/httpx/socket_linux_test.go", "TestSocketIsPrivate"},
		{"and knows its peer", "internal/httpx/socket_linux_test.go", "TestSocketKnowsItsPeer"},
		{"the peer is the local administrator in the audit log", "internal/app/decisions_test.go", "TestTheAuditLogNamesTheUserOfACommand"},
		{"commands use the socket, --server, or open the store", scripts + "local.txtar", "No server: a command opens the store itself"},
		{"demo needs the server", scripts + "local.txtar", "The demo does not: it plays to a running server."},
		{"a second serve on one data directory refuses", scripts + "local.txtar", "A second server on the same data refuses"},
		{"data.dir is a key", "internal/config/defaults_test.go", "TestDataDirIsAKey"},
		{"with --config an absent section is off", sections, "With a configuration, a section that it does not have is off"},
		{"in the parser, too", "internal/config/config_test.go", "TestAnAbsentSectionIsOff"},
		{"without one, loopback", "internal/config/defaults_test.go", "TestTheDefaultIsOnLoopback"},
		{"everything opened is printed", "internal/app/open_linux_test.go", "TestEverythingThatIsOpenIsPrinted"},
		{"readyz: every source was tried", "internal/app/decisions_test.go", "TestReadinessWaitsForEverySourceToBeTriedOnce"},
		{"readyz says what is missing", "internal/api/site_test.go", "TestReadiness"},
		{"a path that does not exist is waiting, no error", scripts + "waiting.txtar", "A path that is not there yet is waited for"},
		{"exit codes 0, 1, 2, 3; the parser's errors are 2", scripts + "exitcodes.txtar", "2: it was asked wrongly."},
		{"a partial scan says clean except N; --strict is 3", scripts + "scan-partial.txtar", "With --strict that is a failure"},
		{"the setup link: in a file, never in the log", scripts + "setup.txtar", "Until there is a user, a one-time link makes the first."},
		{"or at a terminal", "internal/app/open_linux_test.go", "TestTheSetupLinkIsShownAtATerminal"},
		{"the file is 0600", "internal/auth/setup_test.go", "TestTheLinkIsForTheOwnerOfTheDirectory"},
		{"for 15 minutes", "internal/auth/setup_test.go", "TestALinkIsGoodForFifteenMinutes"},
		{"once", "internal/auth/setup_test.go", "TestALinkWorksOnce"},
		{"the audit chain's head is locked in the transaction", "internal/sqlstore/audit_test.go", "TestTwoNodesWriteOneAuditChain"},
		{"a changed chain shows", "internal/audit/audit_test.go", "TestTamperingShows"},
		{"checkpoints are signed every minute or thousand records", "internal/audit/verify_test.go", "TestANotaryWorksByItself"},
		{"and exported: to the log", scripts + "audit.txtar", "A server signs by itself, and says so in its log"},
		{"and on request", scripts + "audit.txtar", "A checkpoint binds the log up to it"},
		{"a rewritten chain shows by them", "internal/sqlstore/sqlstoretest/tamper.go", "testRewritten"},
		{"every operation that changes something is audited", "internal/app/audited_test.go", "TestEveryOperationIsAudited"},
		{"the threat model says what the chain does not prove", "docs/threat-model.md", "can rebuild the whole audit chain"},
	}
}

// TestEveryDecisionHasItsTest keeps the map true: every test that it names is
// there, and a scenario that it names is run by its suite.
func TestEveryDecisionHasItsTest(t *testing.T) {
	funcs := declared(load(t))
	for section, list := range decisions() {
		said := map[string]bool{}
		for _, d := range list {
			if said[d.says] {
				t.Errorf("%s says twice: %s", section, d.says)
			}
			said[d.says] = true
			if path.Ext(d.file) == ".go" && !funcs[d.file+" "+d.test] || path.Ext(d.file) != ".go" && !strings.Contains(source(t, d.file), d.test) {
				t.Errorf("%s: %q: %s does not have %s", section, d.says, d.file, d.test)
			}
		}
	}
}

// declared lists, as "file name", the functions that tests consist of: those
// that go test runs, and those that something else in their package names.
func declared(all []*pkg) map[string]bool {
	out := map[string]bool{}
	for _, p := range all {
		named := map[string]int{}
		for _, f := range p.files {
			ast.Inspect(f.ast, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					named[id.Name]++
				}
				return true
			})
		}
		for _, f := range p.files {
			for _, d := range f.ast.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				runs := f.test && (strings.HasPrefix(fn.Name.Name, "Test") || strings.HasPrefix(fn.Name.Name, "Fuzz"))
				if fn.Recv == nil && (runs || named[fn.Name.Name] > 1) {
					out[f.name+" "+fn.Name.Name] = true
				}
			}
		}
	}
	return out
}
