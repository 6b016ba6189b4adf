import { type Message, Parser } from './sse';

export type Connection = 'connecting' | 'live' | 'lost' | 'paused';
export type Handlers = {
  onMessage: (m: Message) => void;
  /** The connection changed. `resumed` is true when events may have been missed meanwhile. */
  onState: (s: Connection, resumed: boolean) => void;
  /** The server refuses us: the session ended. */
  onDenied: () => void;
};

const silence = 40_000; // The server sends a heartbeat every 15 s.
const longestPause = 20_000;

/**
 * Follows the live stream until closed: resumes after the last event, backs
 * off with jitter, and treats silence as loss.
 */
export class Stream {
  private url: string;
  private readonly on: Handlers;
  private abort = new AbortController();
  private place = '';
  private failures = 0;
  private live = false;
  private moving = false; // to other topics, from where it stands
  private timer: number | undefined;
  private running = false;

  constructor(url: string, on: Handlers) {
    this.url = url;
    this.on = on;
  }

  open(): void {
    if (this.running) return;
    this.running = true;
    void this.connect();
  }

  close(state: Connection = 'paused'): void {
    this.running = false;
    this.live = false;
    this.moving = false;
    window.clearTimeout(this.timer);
    this.abort.abort();
    this.on.onState(state, false);
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (!this.running) return;
    window.clearTimeout(this.timer);
    this.abort.abort();
    void this.connect();
  }

  /** Follows other topics from here on. An open stream goes on where it stands, so nothing is missed. */
  follow(url: string): void {
    if (url === this.url) return;
    this.url = url;
    this.moving = this.live && this.place !== '';
    this.retryNow();
  }

  private async connect(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    if (this.failures === 0 && !this.moving) this.on.onState('connecting', false);
    try {
      await this.read(abort);
    } catch {
      // Every loss is handled below, whatever its cause.
    }
    if (this.abort === abort && this.running) this.later();
  }

  private async read(abort: AbortController): Promise<void> {
    let watchdog = window.setTimeout(() => abort.abort(), silence);
    try {
      const response = await fetch(this.url, { headers: this.headers(), signal: abort.signal, cache: 'no-store' });
      if (response.status === 401) return this.denied();
      if (!response.ok || response.body === null) return;
      this.arrived();
      const parser = new Parser(this.place);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let got = await reader.read(); !got.done; got = await reader.read()) {
        window.clearTimeout(watchdog);
        watchdog = window.setTimeout(() => abort.abort(), silence);
        for (const m of parser.feed(got.value)) this.on.onMessage(m);
        this.place = parser.place;
      }
    } finally {
      window.clearTimeout(watchdog);
    }
  }

  private headers(): HeadersInit {
    const accept = { Accept: 'text/event-stream' };
    return this.place === '' ? accept : { ...accept, 'Last-Event-ID': this.place };
  }

  private arrived(): void {
    const missed = !this.moving && (this.failures > 0 || this.place !== '');
    if (!this.moving) this.on.onState('live', missed);
    this.failures = 0;
    this.moving = false;
    this.live = true;
  }

  private denied(): void {
    this.close('lost');
    this.on.onDenied();
  }

  private later(): void {
    this.failures++;
    this.live = false;
    this.moving = false;
    this.on.onState('lost', false);
    const base = Math.min(longestPause, 500 * 2 ** Math.min(this.failures, 6));
    this.timer = window.setTimeout(() => void this.connect(), base / 2 + (Math.random() * base) / 2);
  }
}
