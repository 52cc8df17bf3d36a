import { describe, expect, test } from 'vitest';

import { isPublicAddress } from '../../../src/servers/web/public-address.ts';
import { startServer } from '../../fixtures/start-server.ts';
import { openSite } from '../../fixtures/web/site.ts';

describe('private addresses', () => {
  test('are refused at whatever way they are written', async () => {
    await using site = await openSite();
    await using server = await startServer('web');
    const hosts = [
      '127.0.0.1',
      'localhost',
      '127.1',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '169.254.169.254',
      '10.0.0.1',
      '100.64.0.1',
      '192.168.1.1',
      '224.0.0.1',
    ];
    for (const host of hosts) {
      const answer = await server.call('fetch', { url: `http://${host}:${site.port}/article` });
      expect(answer.isError, host).toBe(true);
      expect(answer.text, host).toContain('--allow-private');
    }
    expect(site.requests).toEqual([]);
  });

  test('are refused behind a redirect of a public page', async () => {
    await using secret = await openSite();
    // The proxy stands for the public internet: it answers for whatever address it is asked.
    await using proxy = await openSite({
      'http://93.184.215.14/hop': (response) => {
        response.writeHead(302, { location: `${secret.url}/article` });
        response.end();
      },
      'http://93.184.215.14/fine': (response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.end('public text');
      },
    });
    await using server = await startServer('web', { env: { http_proxy: proxy.url, no_proxy: '127.0.0.1' } });
    const fine = await server.call('fetch', { url: 'http://93.184.215.14/fine' });
    expect(fine.structured['content'], fine.text).toBe('public text');
    const hop = await server.call('fetch', { url: 'http://93.184.215.14/hop' });
    expect(hop.isError).toBe(true);
    expect(hop.text).toContain('--allow-private');
    expect(secret.requests).toEqual([]);
  });

  test('are refused by a proxy’s client too', async () => {
    await using proxy = await openSite();
    await using server = await startServer('web', { env: { HTTP_PROXY: proxy.url } });
    const answer = await server.call('fetch', { url: 'http://169.254.169.254/latest/meta-data' });
    expect(answer.text).toContain('--allow-private');
    expect(proxy.requests).toEqual([]);
  });

  test('are told from public ones by the registries of special addresses', () => {
    const isPublic = ['8.8.8.8', '93.184.215.14', '2606:4700::1111', '::ffff:8.8.8.8', '172.32.0.1'];
    const isNot = [
      '172.16.0.1',
      '198.18.0.1',
      '192.0.2.1',
      '203.0.113.1',
      '240.0.0.1',
      '255.255.255.255',
      'fc00::1',
      'fd12::1',
      'fe80::1',
      'ff02::1',
      '2001:db8::1',
      '2001::1',
      '100::1',
      '64:ff9b:1::1',
      '4000::1',
      'no address',
    ];
    expect(isPublic.filter((address) => !isPublicAddress(address))).toEqual([]);
    expect(isNot.filter((address) => isPublicAddress(address))).toEqual([]);
  });
});
