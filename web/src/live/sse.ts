/**
 * A reader of server-sent events (WHATWG HTML, section 9.2) over fetch.
 * EventSource would need every topic's name in advance, hides the heartbeats,
 * and gives up without a status when the server answers 401 or 503.
 */
export type Message = { id: string; event: string; data: string };

/** Takes chunks of text, gives the messages that are complete. */
export class Parser {
  private rest = '';
  private lastId: string;
  private known: string;
  private event = '';
  private data: string[] = [];

  /** place is where an earlier stream ended. */
  constructor(place = '') {
    this.lastId = place;
    this.known = place;
  }

  /** The place to resume behind. A block without data moves it, too: the server's first, and its heartbeats. */
  get place(): string {
    return this.known;
  }

  feed(chunk: string): Message[] {
    const text = this.rest + chunk;
    // A trailing CR may be half of a CRLF: it waits for the next chunk.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): Message[] {
    if (line === '') return this.dispatch();
    if (line.startsWith(':')) return [];
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id' && !value.includes('\0')) this.lastId = value;
    if (field === 'event') this.event = value;
    if (field === 'data') this.data.push(value);
    return [];
  }

  private dispatch(): Message[] {
    const { event, data } = this;
    this.known = this.lastId;
    this.event = '';
    this.data = [];
    return data.length === 0 ? [] : [{ id: this.known, event: event || 'message', data: data.join('\n') }];
  }
}
