import { expect, it } from 'vitest';
import { agentName } from './agent';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

it.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0', 'Firefox 144 on Linux'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/156.0.0.0 Safari/537.36`, 'Chrome 156 on Windows'],
  [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/156.0.0.0 Safari/537.36 Edg/156.0`, 'Edge 156 on Windows'],
  [`Mozilla/5.0 (Linux; Android 16; Pixel) ${webkit} Chrome/156.0 Mobile Safari/537.36`, 'Chrome 156 on Android'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Mobile Safari/604.1', 'Safari 26 on iPhone'],
  ['curl/8.14.1', 'curl/8.14.1'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['', 'A program without a name'],
])('%j is %s', (agent, want) => expect(agentName(agent)).toBe(want));
