import { useQueryClient } from '@tanstack/react-query';
import { logout } from '../api/calls';
import { useToast } from '../components/Toast';

/** Logs out. The page is loaded anew, so that nothing of the session stays in memory. */
export function useLeave(): () => Promise<void> {
  const client = useQueryClient();
  const toast = useToast();
  return async () => {
    try {
      await logout();
      client.clear();
      window.location.assign('/login');
    } catch (e) {
      toast(`Still logged in: ${e instanceof Error ? e.message : String(e)}`, true);
    }
  };
}
