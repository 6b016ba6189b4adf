import {
  ArrowLeftRight,
  CircleDashed,
  CloudDownload,
  DatabaseZap,
  Download,
  Handshake,
  KeyRound,
  KeySquare,
  LogIn,
  type LucideIcon,
  Plug,
  Split,
  SquareTerminal,
  TriangleAlert,
  Unplug,
  Upload,
} from 'lucide-react';

type Look = { icon: LucideIcon; word: string };

const looks: Record<string, Look> = {
  connected: { icon: Plug, word: 'came' },
  disconnected: { icon: Unplug, word: 'left' },
  client_hello: { icon: Handshake, word: 'named itself' },
  login_attempt: { icon: KeyRound, word: 'tried to log in' },
  leaked_secret: { icon: KeySquare, word: 'tried a secret of yours' },
  logged_in: { icon: LogIn, word: 'was let in' },
  command: { icon: SquareTerminal, word: 'command' },
  query: { icon: DatabaseZap, word: 'query' },
  request: { icon: ArrowLeftRight, word: 'request' },
  upload: { icon: Upload, word: 'left a file' },
  download: { icon: Download, word: 'read a file' },
  fetch: { icon: CloudDownload, word: 'wanted it to fetch' },
  forward: { icon: Split, word: 'wanted to go on' },
  protocol_error: { icon: TriangleAlert, word: 'spoke nonsense' },
};

/** The icon and the word for what a client did. */
export const lookOf = (type: string): Look => looks[type] ?? { icon: CircleDashed, word: type };
