// Names in the order to look for them: browsers pretend to be older ones.
const browsers: [word: RegExp, name: string][] = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+).*\bSafari\//, 'Safari'],
];
const systems: [word: RegExp, name: string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

/** What a browser calls itself, in short: "Firefox 144 on Linux". What it does not know, it leaves as it is. */
export function agentName(agent: string): string {
  const browser = browsers.find(([word]) => word.test(agent));
  const system = systems.find(([word]) => word.test(agent));
  if (browser === undefined) return agent === '' ? 'A program without a name' : agent;
  const version = browser[0].exec(agent)?.[1] ?? '';
  return `${browser[1]} ${version}${system === undefined ? '' : ` on ${system[1]}`}`;
}
