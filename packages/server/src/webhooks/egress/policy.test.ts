// Every way to write a forbidden address is refused; what is public or opened is not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forbiddenUrls, metadataUrls, refusedForms } from '../../../test/forbidden-address.ts';
import {
  compilePolicy,
  findExpressionFault,
  findForbiddenFault,
  findOpenExpressions,
  judgeAddress,
  judgeUrl,
} from './policy.ts';

const usual = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '' });
const wideOpen = compilePolicy({ allowedUrlRegexes: ['^.*'], forbiddenIps: '' });

describe('the egress policy', () => {
  for (const text of forbiddenUrls) {
    const url = text.replace('$PORT', '8080');
    it(`refuses ${url}`, () => {
      const decision = judgeUrl(usual, url);
      assert.equal(decision.allowed, false, JSON.stringify(decision));
    });
  }
  for (const url of metadataUrls) {
    it(`refuses ${url} even where everything is opened`, () => {
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

  it('takes a list of forbidden addresses in the place of the usual ones', () => {
    const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '10.0.0.0/8; 1.1.1.1 ;fd00::/8' });
    assert.equal(judgeUrl(policy, 'http://10.9.9.9/').rule, 'forbidden_address');
    assert.equal(judgeUrl(policy, 'http://1.1.1.1/').allowed, false);
    assert.equal(judgeUrl(policy, 'http://127.0.0.1/').allowed, true);
    assert.equal(judgeUrl(policy, 'http://169.254.169.254/').allowed, false);
  });

  it('opens its own API by one switch', () => {
    const policy = compilePolicy({
      allowedUrlRegexes: [],
      forbiddenIps: '',
      selfOrigin: 'http://127.0.0.1:3005',
    });
    assert.equal(judgeUrl(policy, 'http://127.0.0.1:3005/v4/jobGroups').rule, 'self_call');
    assert.equal(judgeUrl(policy, 'http://127.0.0.1:3006/v4/jobGroups').allowed, false);
  });

  it('says what is wrong with settings, and warns about open expressions', () => {
    assert.match(findForbiddenFault('10.0.0.0/8;10.0.0.0/99') ?? '', /10\.0\.0\.0\/99/u);
    assert.equal(findForbiddenFault('10.0.0.0/8;::1'), null);
    assert.match(findExpressionFault(['(?<=a)b']) ?? '', /linear/u);
    assert.deepEqual(
      findOpenExpressions([
        '^https://example\\.com/',
        '^https://example\\.com',
        '^http://a:80',
        '^https://b$',
      ]),
      ['^https://example\\.com'],
    );
  });

  it('matches a hostile expression in bounded time', () => {
    const policy = compilePolicy({ allowedUrlRegexes: ['^http://(a+)+$'], forbiddenIps: '' });
    const began = performance.now();
    judgeUrl(policy, `http://${'a'.repeat(60)}.example.com/`);
    assert.ok(performance.now() - began < 500);
  });
});
