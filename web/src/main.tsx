import './theme/mantine';
import './theme/fonts.css';
import './theme/tokens.css';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { newQueryClient } from './api/queries';
import { ToastProvider } from './components/Toast';
import { loadAhead } from './shell/page';
import { theme, variables } from './theme/theme';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root');

loadAhead(window.location.pathname);
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={newQueryClient()}>
        <ToastProvider>
          <App />
        </ToastProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
