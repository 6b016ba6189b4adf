package cli

// examples are command lines to copy, one to a line, each below the help of the command
// that it begins with. Every command has at least one, and all of them are good command
// lines: a test reads them as the program does.
const examples = `
cordon serve
cordon serve --config cordon.yaml
cordon serve --watch hypercore:/logs/current.log --watch dir:/var/inbox
cordon demo
cordon scan src notes.txt backup.tar.gz
some-program | cordon scan -
cordon scan --git --since-commit v1.2
cordon scan --format sarif -o report.sarif
cordon hypercore list /logs
cordon hypercore cat /logs/current.log
cordon hypercore tail /logs/current.log
cordon hypercore verify --deep /logs/current.log
cordon bzzz gateway --help
cordon bzzz status
cordon bzzz blocks
cordon bzzz block MESSAGE --reason "a key in clear"
cordon bzzz unblock MESSAGE --reason "the key is revoked"
cordon anomaly list --open
cordon anomaly show ID
cordon anomaly test rules.yaml records.jsonl
cordon anomaly rules
cordon anomaly rule add rule.yaml --reason "the new VPN"
cordon anomaly rule change vpn_guessing rule.yaml
cordon anomaly rule enable vpn_guessing
cordon anomaly rule disable vpn_guessing --reason "the pen test runs until Friday"
cordon anomaly rule remove vpn_guessing
cordon anomaly rule replay rule.yaml --since 24h
cordon incident list
cordon incident list --severity critical,high --assignee @me
cordon incident list --all --format json
cordon incident show ID
cordon incident ack ID
cordon incident resolve ID "key revoked, owner told"
cordon incident ignore ID "an example from the manual"
cordon incident reopen ID
cordon incident assign ID bob
cordon incident note ID "asked the owner"
cordon incident snooze ID 8h "the owner is on it"
cordon incident wake ID
cordon incident silence ID --dry-run
cordon incident undo ID
cordon incident merge ID OTHER
cordon incident split ID
cordon event list --topic 'leak.>' --since 2h
cordon event show ID
cordon quarantine list --open
cordon quarantine show ID
cordon quarantine review ID confirmed --reason "it was live"
cordon quarantine lookup < secret.txt
cordon egress init
cordon egress status
cordon egress list
cordon egress add api.github.com:443 "releases are checked here"
cordon egress remove api.github.com:443 --reason "not used any more"
cordon egress enable
cordon egress disable --reason "we look into something"
cordon egress mode audit
cordon egress killswitch on "something is leaving"
cordon egress killswitch off "it was the backup"
cordon egress killswitch status
cordon egress ca show > cordon-ca.pem
cordon egress ca rotate --reason "its key was copied"
cordon egress mcp -- npx some-mcp-server
cordon egress blocked --host paste.example
cordon egress review
cordon egress review api.github.com:443 --allow host --reason "releases"
cordon egress programs
cordon egress leaks
cordon egress stats --days 30
cordon egress test
cordon egress dry-run strict.yaml
cordon egress policy show > policy.yaml
cordon egress policy diff
cordon egress policy history
cordon egress policy rollback 12 --reason "13 refused the backup"
cordon egress doctor
cordon egress report --html report.html --since 30d
cordon egress verify-audit
cordon decky list
cordon decky show demo-srv
cordon decky add trap --service ssh:2222 --service redis:6380
cordon decky remove trap
cordon decky mutate trap --reason "it was seen through"
cordon session list --attacker 203.0.113.9
cordon session show ID
cordon session replay ID --speed 4
cordon decision list
cordon decision list --for nft
cordon decision add 203.0.113.9 --for 24h --reason "guesses passwords"
cordon decision remove ID --reason "it was us"
cordon playbook list
cordon playbook actions --state pending
cordon playbook test playbooks.yaml
cordon playbook approve ID --reason "not one of ours"
cordon playbook reject ID --reason "our scanner"
cordon playbook undo ID --reason "a customer"
cordon attacker list --order score
cordon attacker show 203.0.113.9
cordon credential list --decky demo-srv
cordon credential reveal ID --reason "is it ours?"
cordon rules list --severity critical
cordon rules show github-pat
cordon rules new acme-api-key --prefix acme_key_ -o acme.yaml
cordon rules test rules.yaml
cordon rules lint rules.yaml
cordon rules bench app.log
cordon rules why github-pat - < line.txt
cordon rules import .gitleaks.toml --dry-run
cordon rules enable github-pat
cordon rules disable github-pat --reason "too many false alarms"
cordon webhook list
cordon webhook show on-call
cordon webhook add on-call --url env:SLACK_WEBHOOK_URL --send-as slack --preset Incidents
cordon webhook remove on-call
cordon webhook test on-call
cordon webhook deliveries on-call --state dead
cordon webhook redeliver on-call --dead
cordon webhook enable on-call
cordon webhook pause on-call --reason "the channel moves"
cordon silence list
cordon silence add --topic 'leak.>' --source build --for 2h --reason "a test of ours"
cordon silence end ID
cordon user add ada --role reviewer
cordon user list
cordon user passwd ada
cordon user role ada responder --reason "night shift"
cordon user disable ada
cordon user enable ada
cordon user remove ada
cordon apikey create --name ci --role viewer --scope leak:read --expires 30d
cordon apikey list
cordon apikey revoke ci
cordon audit list --actor ada
cordon audit verify --checkpoint kept.json
cordon audit checkpoint > kept.json
cordon backup create /backups
cordon backup create /backups --with-keys --passphrase-file /root/cordon.pass
cordon backup verify /backups/cordon-20261121T115000Z.tar.gz
cordon backup restore /backups/cordon-20261121T115000Z.tar.gz --data /var/lib/cordon-new
cordon config check cordon.yaml
cordon config print > cordon.yaml
cordon config schema > cordon.schema.json
cordon config rotate-key
cordon config reload
cordon worker list
cordon worker stop notify --reason "the mail server moves"
cordon worker start notify --reason "it has moved"
cordon doctor
cordon completion bash > ~/.local/share/bash-completion/completions/cordon
cordon version --format json
`
