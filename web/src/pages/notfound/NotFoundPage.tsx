import { SearchX } from 'lucide-react';
import { Link } from 'wouter';
import { Page } from '../../components/Page';
import { Notice } from '../../components/States';

export function NotFoundPage() {
  return (
    <Page title="Not found">
      <Notice icon={<SearchX size={26} />} title="There is no page at this address">
        <p>
          Perhaps it moved, or the link is incomplete. <Link href="/">Go to the overview</Link>
        </p>
      </Notice>
    </Page>
  );
}
