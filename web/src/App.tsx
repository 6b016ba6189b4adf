import { Redirect, Route, Switch } from 'wouter';
import { ErrorBoundary } from './components/ErrorBoundary';
import { AccessPage } from './pages/access/AccessPage';
import { FindingsPage } from './pages/findings/FindingsPage';
import { HealthPage } from './pages/health/HealthPage';
import { LoginPage } from './pages/login/LoginPage';
import { NotFoundPage } from './pages/notfound/NotFoundPage';
import { OverviewPage } from './pages/overview/OverviewPage';
import { QuarantinePage } from './pages/quarantine/QuarantinePage';
import { SetupPage } from './pages/setup/SetupPage';
import { SourcesPage } from './pages/sources/SourcesPage';
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
                <Route path="/quarantine/:id?" component={QuarantinePage} />
                <Route path="/findings" component={FindingsPage} />
                <Route path="/sources" component={SourcesPage} />
                <Route path="/health" component={HealthPage} />
                <Route path="/access" component={AccessPage} />
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
