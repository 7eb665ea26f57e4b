// Every way to write a forbidden address is refused; what is public or opened is not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forbiddenUrls, metadataUrls, refusedForms } from '../../../../test/forbidden-address.ts';
import { compilePolicy, findForbiddenFault, judgeAddress, judgeUrl } from './policy.ts';

const usual = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
const wideOpen = compilePolicy({ allowedUrlRegexes: ['^.*'], forbiddenIps: '' });

describe('the egress policy', () => {
  for (const text of forbiddenUrls) {
    const url = text.replace('$PORT', '8080');
    it(`refuses ${JSON.stringify(url)}`, () => {
      const decision = judgeUrl(usual, url);
      assert.equal(decision.allowed, false, JSON.stringify(decision));
    });
  }
  for (const url of metadataUrls) {
    it(`refuses ${JSON.stringify(url)} even where everything is opened`, () => {
      assert.equal(judgeUrl(wideOpen, url).rule, 'metadata');
    });
  }
  for (const url of refusedForms) {
    it(`refuses the form of ${JSON.stringify(url)}`, () => {
      assert.equal(judgeUrl(wideOpen, url).allowed, false);
    });
  }

  it('lets public addresses and names pass', () => {
    for (const url of [
      'https://example.com/x',
      'http://93.184.216.34/',
      'https://[2606:4700::1111]/',
      'http://1.1.1.1:8080/?q=127.0.0.1',
    ]) {
      assert.equal(judgeUrl(usual, url).allowed, true, url);
    }
  });

  it('judges the address that a name leads to', () => {
    for (const address of [
      '127.0.0.1',
      '::1',
      '10.1.2.3',
      '::ffff:10.1.2.3',
      'fe80::1%eth0',
      '0.0.0.0',
      'not an address',
    ]) {
      assert.equal(judgeAddress(usual, 'http://example.com/', address).allowed, false, address);
    }
    assert.equal(judgeAddress(usual, 'http://example.com/', '93.184.216.34').allowed, true);
    assert.equal(judgeAddress(wideOpen, 'http://example.com/', '169.254.169.254').rule, 'metadata');
  });

  it('opens by expressions from the first character of the normalised URL', () => {
    const policy = compilePolicy({
      allowedUrlRegexes: ['^http://127\\.0\\.0\\.1:9000/hooks/'],
      forbiddenIps: '',
    });
    assert.equal(judgeUrl(policy, 'http://127.0.0.1:9000/hooks/a').rule, 'allowed_url');
    assert.equal(judgeUrl(policy, 'http://2130706433:9000/hooks/a').rule, 'allowed_url');
    assert.equal(judgeUrl(policy, 'http://127.0.0.1:9000/other').allowed, false);
    assert.equal(judgeUrl(policy, 'http://127.0.0.1:9000/hooks/../other').allowed, false);
    const bare = compilePolicy({ allowedUrlRegexes: ['127\\.0\\.0\\.1'], forbiddenIps: '' });
    assert.equal(judgeUrl(bare, 'http://127.0.0.1/').allowed, false);
  });

  it('closes what an administrator lists beside what is not public', () => {
    const policy = compilePolicy({
      allowedUrlRegexes: [],
      forbiddenIps: '203.0.113.7; 1.1.1.1 ;2606:4700::/32',
    });
    const refused = judgeUrl(policy, 'http://1.1.1.1/');
    assert.deepEqual([refused.rule, refused.matched], ['forbidden_address', '1.1.1.1']);
    assert.equal(judgeUrl(policy, 'http://[::ffff:1.1.1.1]/').rule, 'forbidden_address');
    assert.equal(judgeUrl(policy, 'http://[2606:4700::1111]/').rule, 'forbidden_address');
    assert.equal(judgeUrl(policy, 'http://1.1.2.1/').rule, 'public');
    for (const text of forbiddenUrls)
      assert.equal(judgeUrl(policy, text.replace('$PORT', '8080')).allowed, false, text);
    for (const host of ['localhost', 'printer.local', '10.0.0.1', '[fd00::1]'])
      assert.equal(judgeUrl(policy, `http://${host}/`).allowed, false, host);
    for (const url of metadataUrls) assert.equal(judgeUrl(policy, url).rule, 'metadata', url);
  });

  it('takes out what is named with a !, and nothing beside it', () => {
    const policy = compilePolicy({
      allowedUrlRegexes: [],
      forbiddenIps: '!10.1.0.0/16;10.1.9.0/24;!fd00:1::/32',
    });
    const opened = judgeUrl(policy, 'http://10.1.2.3/');
    assert.deepEqual([opened.rule, opened.matched], ['named_away', '!10.1.0.0/16'.slice(1)]);
    assert.equal(judgeUrl(policy, 'http://[fd00:1::5]/').rule, 'named_away');
    assert.equal(judgeUrl(policy, 'http://10.1.9.3/').rule, 'forbidden_address');
    for (const host of [
      '10.2.0.1',
      '127.0.0.1',
      'localhost',
      '[64:ff9b::a01:203]',
      '[2002:a01:203::]',
      '[fd00:2::5]',
    ])
      assert.equal(judgeUrl(policy, `http://${host}/`).allowed, false, host);
    // A name of the inner network may lead there: its address decides.
    assert.equal(judgeUrl(policy, 'http://hooks.corp/').rule, 'later');
    assert.equal(judgeAddress(policy, 'http://hooks.corp/', '10.1.2.3').rule, 'named_away');
    assert.equal(judgeAddress(policy, 'http://hooks.corp/', '10.2.2.3').rule, 'not_public');
    for (const url of metadataUrls) assert.equal(judgeUrl(policy, url).rule, 'metadata', url);
    const machine = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '!127.0.0.0/8;!0.0.0.0/0' });
    assert.equal(judgeUrl(machine, 'http://localhost:9000/').rule, 'later');
    assert.equal(judgeAddress(machine, 'http://localhost:9000/', '127.0.0.1').rule, 'named_away');
    for (const url of metadataUrls) assert.equal(judgeUrl(machine, url).rule, 'metadata', url);
  });

  it('calls nothing but what is listed where only allowed URLs are called', () => {
    const policy = compilePolicy({
      allowedUrlRegexes: ['^https://hooks\\.example\\.com/', '^http://10\\.0\\.0\\.1/'],
      forbiddenIps: '!192.168.0.0/16',
      onlyAllowedUrls: true,
    });
    assert.equal(judgeUrl(policy, 'https://hooks.example.com/a').rule, 'allowed_url');
    assert.equal(judgeAddress(policy, 'https://hooks.example.com/a', '93.184.216.34').rule, 'allowed_url');
    assert.equal(judgeUrl(policy, 'http://10.0.0.1/').rule, 'allowed_url');
    for (const url of [
      'https://example.com/',
      'http://93.184.216.34/',
      'http://192.168.0.1/',
      'https://hooks.example.com.evil.net/',
    ])
      assert.equal(judgeUrl(policy, url).rule, 'not_listed', url);
    assert.equal(judgeAddress(policy, 'https://example.com/', '93.184.216.34').rule, 'not_listed');
    assert.match(judgeUrl(policy, 'https://example.com/').explanation, /allowedUrlRegexes/u);
    for (const url of metadataUrls) assert.equal(judgeUrl(policy, url).allowed, false, url);
  });

  it('opens by no expression a path that climbs once it is decoded again', () => {
    const policy = compilePolicy({ allowedUrlRegexes: ['^http://10\\.0\\.0\\.1/hooks/'], forbiddenIps: '' });
    for (const path of [
      '/hooks/a',
      '/hooks/%2e',
      '/hooks/a..b',
      '/hooks/..a/b',
      '/hooks/x?next=..%2f..',
      '/hooks/a%2fb',
    ])
      assert.equal(judgeUrl(policy, `http://10.0.0.1${path}`).rule, 'allowed_url', path);
    for (const path of [
      '/hooks/..%2fadmin',
      '/hooks/..%2Fadmin',
      '/hooks/%2e%2e%2fadmin',
      '/hooks/a%2f..%2f..%2fadmin',
      '/hooks/..%5cadmin',
      '/hooks/..;/admin',
      '/hooks/..%3bx/admin',
      '/hooks/%252e%252e/admin',
      '/hooks/..%252fadmin',
      '/hooks/%25252e%25252e%25252fadmin',
      '/hooks/x%2f..',
    ]) {
      assert.equal(judgeUrl(policy, `http://10.0.0.1${path}`).allowed, false, path);
      assert.equal(
        judgeAddress(policy, new URL(`http://10.0.0.1${path}`).href, '10.0.0.1').allowed,
        false,
        path,
      );
    }
  });

  const ownUrls = ['http://127.0.0.1:3005', 'https://flows.example.com/base/'];

  it('closes the server itself, whatever else is allowed, while calls of its own are off', () => {
    const own = { urls: ownUrls, addresses: ['192.168.7.7'], selfCalls: false };
    for (const forbiddenIps of ['', '!127.0.0.0/8;!::1;!192.168.0.0/16']) {
      const policy = compilePolicy({ allowedUrlRegexes: ['^.*'], forbiddenIps, own });
      for (const url of [
        'http://127.0.0.1:3005/v4/flows',
        'http://127.1:3005/',
        'http://localhost:3005/healthz',
        'http://[::1]:3005/',
        'http://[::ffff:127.0.0.1]:3005/',
        'http://0.0.0.0:3005/',
        'http://192.168.7.7:3005/',
        'https://flows.example.com/base/v4/flows',
        'https://flows.example.com/other',
      ])
        assert.equal(judgeUrl(policy, url).rule, 'own_server', url);
      // A name that leads here, also one that led elsewhere when it was looked at.
      for (const address of ['127.0.0.1', '::1', '192.168.7.7', '::ffff:192.168.7.7', '127.9.9.9'])
        assert.equal(
          judgeAddress(policy, 'http://rebound.example.net:3005/', address).rule,
          'own_server',
          address,
        );
      for (const url of ['http://127.0.0.1:3006/', 'http://192.168.7.8:3005/', 'https://other.example.com/'])
        assert.equal(judgeUrl(policy, url).allowed, true, url);
    }
  });

  it('opens its own API, and nothing beside it, by one switch', () => {
    const own = { urls: [...ownUrls, 'http://localhost:3005/base/'], addresses: [], selfCalls: true };
    const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '', own });
    assert.equal(judgeUrl(policy, 'http://127.0.0.1:3005/v4/jobGroups').rule, 'self_call');
    assert.equal(judgeUrl(policy, 'http://LOCALHOST:3005/base/v4/jobGroups').rule, 'self_call');
    assert.equal(judgeAddress(policy, 'http://localhost:3005/base/v4/jobGroups', '::1').rule, 'self_call');
    const beside = ['/metrics', '/v4', '/v4/../metrics', '/V4/jobGroups', '/v4%2fx'];
    for (const path of beside)
      assert.equal(judgeUrl(policy, `http://127.0.0.1:3005${path}`).allowed, false, path);
    for (const origin of [
      'http://127.0.0.1:3006',
      'https://127.0.0.1:3005',
      'http://127.0.0.2:3005',
      'http://localhost:3005',
    ]) {
      assert.equal(judgeUrl(policy, `${origin}/v4/jobGroups`).allowed, false, origin);
    }
    const metadata = compilePolicy({
      allowedUrlRegexes: [],
      forbiddenIps: '',
      own: { ...own, urls: ['http://169.254.169.254'] },
    });
    assert.equal(judgeUrl(metadata, 'http://169.254.169.254/v4/x').rule, 'metadata');
  });

  it('says what refused and what an administrator may open', () => {
    const inner = judgeUrl(usual, 'http://[::1]:80/');
    assert.match(inner.explanation, /::1 in ::1\/128 \(loopback\)\. .*allowedUrlRegexes/u);
    assert.deepEqual([inner.address, inner.matched], ['::1', '::1/128 (loopback)']);
    assert.doesNotMatch(judgeUrl(usual, 'http://169.254.169.254/').explanation, /allowedUrlRegexes/u);
    assert.match(judgeUrl(usual, 'ftp://a.test/').explanation, /ftp:/u);
    assert.doesNotMatch(judgeUrl(usual, 'http://user:secret@a.test/').explanation, /secret/u);
  });

  it('names what is wrong with its settings', () => {
    assert.match(findForbiddenFault('10.0.0.0/8;10.0.0.0/99') ?? '', /"10\.0\.0\.0\/99"/u);
    assert.match(findForbiddenFault('localhost') ?? '', /"localhost"/u);
    assert.equal(findForbiddenFault(' 10.0.0.0/8;;::1 ; not-public;!10.1.0.0/16'), null);
    assert.match(findForbiddenFault('!x') ?? '', /"!x"/u);
    assert.throws(() => compilePolicy({ allowedUrlRegexes: [], forbiddenIps: 'x' }), /"x"/u);
    assert.throws(() => compilePolicy({ allowedUrlRegexes: ['('], forbiddenIps: '' }), /"\("/u);
  });
});
