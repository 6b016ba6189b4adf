import { Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { ErrorBoundary } from './components/ErrorBoundary';
import { SkeletonRows } from './components/States';
import { LoginPage } from './pages/login/LoginPage';
import { SetupPage } from './pages/setup/SetupPage';
import { Gate } from './shell/Gate';
import { page } from './shell/page';
import { Shell } from './shell/Shell';

// Each is loaded when it is first shown, or when there is nothing else to do.
const AccessPage = page('AccessPage', () => import('./pages/access/AccessPage'));
const AccountPage = page('AccountPage', () => import('./pages/account/AccountPage'));
const ActionsPage = page('ActionsPage', () => import('./pages/actions/ActionsPage'));
const AnomaliesPage = page('AnomaliesPage', () => import('./pages/anomalies/AnomaliesPage'));
const AnomalyRulesPage = page('AnomalyRulesPage', () => import('./pages/anomalyrules/AnomalyRulesPage'));
const AttackersPage = page('AttackersPage', () => import('./pages/attackers/AttackersPage'));
const AuditPage = page('AuditPage', () => import('./pages/audit/AuditPage'));
const BaselinesPage = page('BaselinesPage', () => import('./pages/baselines/BaselinesPage'));
const BlockListPage = page('BlockListPage', () => import('./pages/blocklist/BlockListPage'));
const CredentialsPage = page('CredentialsPage', () => import('./pages/credentials/CredentialsPage'));
const DecisionsPage = page('DecisionsPage', () => import('./pages/decisions/DecisionsPage'));
const DeckiesPage = page('DeckiesPage', () => import('./pages/deckies/DeckiesPage'));
const DestinationsPage = page('DestinationsPage', () => import('./pages/destinations/DestinationsPage'));
const EventsPage = page('EventsPage', () => import('./pages/events/EventsPage'));
const FindingsPage = page('FindingsPage', () => import('./pages/findings/FindingsPage'));
const FirstSeenPage = page('FirstSeenPage', () => import('./pages/firstseen/FirstSeenPage'));
const GatewayPage = page('GatewayPage', () => import('./pages/gateway/GatewayPage'));
const HealthPage = page('HealthPage', () => import('./pages/health/HealthPage'));
const IncidentsPage = page('IncidentsPage', () => import('./pages/incidents/IncidentsPage'));
const KillSwitchPage = page('KillSwitchPage', () => import('./pages/killswitch/KillSwitchPage'));
const LivePage = page('LivePage', () => import('./pages/live/LivePage'));
const NotFoundPage = page('NotFoundPage', () => import('./pages/notfound/NotFoundPage'));
const OverviewPage = page('OverviewPage', () => import('./pages/overview/OverviewPage'));
const PolicyPage = page('PolicyPage', () => import('./pages/policy/PolicyPage'));
const ProgramsPage = page('ProgramsPage', () => import('./pages/programs/ProgramsPage'));
const QuarantinePage = page('QuarantinePage', () => import('./pages/quarantine/QuarantinePage'));
const ReusePage = page('ReusePage', () => import('./pages/reuse/ReusePage'));
const RulesPage = page('RulesPage', () => import('./pages/rules/RulesPage'));
const ReplayPage = page('ReplayPage', () => import('./pages/sessions/ReplayPage'));
const SessionsPage = page('SessionsPage', () => import('./pages/sessions/SessionsPage'));
const SettingsPage = page('SettingsPage', () => import('./pages/settings/SettingsPage'));
const SourcesPage = page('SourcesPage', () => import('./pages/sources/SourcesPage'));
const DeliveriesPage = page('DeliveriesPage', () => import('./pages/webhooks/DeliveriesPage'));
const WebhooksPage = page('WebhooksPage', () => import('./pages/webhooks/WebhooksPage'));
const WorkersPage = page('WorkersPage', () => import('./pages/workers/WorkersPage'));

/** The pages. To add one: a folder in pages/, a line above, a route here, a line in shell/nav.ts. */
export function App() {
  return (
    <ErrorBoundary>
      <Switch>
        <Route path="/setup" component={SetupPage} />
        <Route path="/login" component={LoginPage} />
        <Route>
          <Gate>
            <Shell>
              <Inside />
            </Shell>
          </Gate>
        </Route>
      </Switch>
    </ErrorBoundary>
  );
}

function Inside() {
  return (
    <Suspense fallback={<SkeletonRows rows={12} />}>
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
    </Suspense>
  );
}
