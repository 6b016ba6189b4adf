import { Redirect, Route, Switch } from 'wouter';
import { ErrorBoundary } from './components/ErrorBoundary';
import { AccessPage } from './pages/access/AccessPage';
import { AccountPage } from './pages/account/AccountPage';
import { ActionsPage } from './pages/actions/ActionsPage';
import { AnomaliesPage } from './pages/anomalies/AnomaliesPage';
import { AnomalyRulesPage } from './pages/anomalyrules/AnomalyRulesPage';
import { AttackersPage } from './pages/attackers/AttackersPage';
import { AuditPage } from './pages/audit/AuditPage';
import { BaselinesPage } from './pages/baselines/BaselinesPage';
import { BlockListPage } from './pages/blocklist/BlockListPage';
import { CredentialsPage } from './pages/credentials/CredentialsPage';
import { DecisionsPage } from './pages/decisions/DecisionsPage';
import { DeckiesPage } from './pages/deckies/DeckiesPage';
import { DestinationsPage } from './pages/destinations/DestinationsPage';
import { EventsPage } from './pages/events/EventsPage';
import { FindingsPage } from './pages/findings/FindingsPage';
import { FirstSeenPage } from './pages/firstseen/FirstSeenPage';
import { GatewayPage } from './pages/gateway/GatewayPage';
import { HealthPage } from './pages/health/HealthPage';
import { IncidentsPage } from './pages/incidents/IncidentsPage';
import { KillSwitchPage } from './pages/killswitch/KillSwitchPage';
import { LivePage } from './pages/live/LivePage';
import { LoginPage } from './pages/login/LoginPage';
import { NotFoundPage } from './pages/notfound/NotFoundPage';
import { OverviewPage } from './pages/overview/OverviewPage';
import { PolicyPage } from './pages/policy/PolicyPage';
import { ProgramsPage } from './pages/programs/ProgramsPage';
import { QuarantinePage } from './pages/quarantine/QuarantinePage';
import { ReusePage } from './pages/reuse/ReusePage';
import { RulesPage } from './pages/rules/RulesPage';
import { ReplayPage } from './pages/sessions/ReplayPage';
import { SessionsPage } from './pages/sessions/SessionsPage';
import { SettingsPage } from './pages/settings/SettingsPage';
import { SetupPage } from './pages/setup/SetupPage';
import { SourcesPage } from './pages/sources/SourcesPage';
import { DeliveriesPage } from './pages/webhooks/DeliveriesPage';
import { WebhooksPage } from './pages/webhooks/WebhooksPage';
import { WorkersPage } from './pages/workers/WorkersPage';
import { Gate } from './shell/Gate';
import { Shell } from './shell/Shell';

/** The pages. To add one: a folder in pages/, a route here, a line in shell/nav.ts. */
export function App() {
  return (
    <ErrorBoundary>
      <Switch>
        <Route path="/setup" component={SetupPage} />
        <Route path="/login" component={LoginPage} />
        <Route>
          <Gate>
            <Shell>
              <Switch>
                <Route path="/" component={OverviewPage} />
                <Route path="/incidents" component={IncidentsPage} />
                <Route path="/actions" component={ActionsPage} />
                <Route path="/block-list" component={BlockListPage} />
                <Route path="/quarantine/:id?" component={QuarantinePage} />
                <Route path="/findings" component={FindingsPage} />
                <Route path="/sources" component={SourcesPage} />
                <Route path="/gateway" component={GatewayPage} />
                <Route path="/rules/:id?" component={RulesPage} />
                <Route path="/decisions" component={DecisionsPage} />
                <Route path="/first-seen" component={FirstSeenPage} />
                <Route path="/programs" component={ProgramsPage} />
                <Route path="/destinations" component={DestinationsPage} />
                <Route path="/baselines" component={BaselinesPage} />
                <Route path="/policy" component={PolicyPage} />
                <Route path="/killswitch" component={KillSwitchPage} />
                <Route path="/anomalies" component={AnomaliesPage} />
                <Route path="/anomaly-rules/:id?" component={AnomalyRulesPage} />
                <Route path="/live" component={LivePage} />
                <Route path="/deckies" component={DeckiesPage} />
                <Route path="/attackers" component={AttackersPage} />
                <Route path="/credentials" component={CredentialsPage} />
                <Route path="/reuse" component={ReusePage} />
                <Route path="/sessions" component={SessionsPage} />
                <Route path="/sessions/:id/replay" component={ReplayPage} />
                <Route path="/events" component={EventsPage} />
                <Route path="/webhooks/:id/deliveries" component={DeliveriesPage} />
                <Route path="/webhooks/:id?" component={WebhooksPage} />
                <Route path="/health" component={HealthPage} />
                <Route path="/workers" component={WorkersPage} />
                <Route path="/audit" component={AuditPage} />
                <Route path="/access" component={AccessPage} />
                <Route path="/settings" component={SettingsPage} />
                <Route path="/account" component={AccountPage} />
                <Route path="/overview">
                  <Redirect to="/" replace />
                </Route>
                <Route component={NotFoundPage} />
              </Switch>
            </Shell>
          </Gate>
        </Route>
      </Switch>
    </ErrorBoundary>
  );
}
