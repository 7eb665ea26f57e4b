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

  it('takes a list of forbidden addresses in the place of the usual ones', () => {
    const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '10.0.0.0/8; 1.1.1.1 ;fd00::/8' });
    const refused = judgeUrl(policy, 'http://10.9.9.9/');
    assert.deepEqual([refused.rule, refused.matched], ['forbidden_address', '10.0.0.0/8']);
    assert.equal(judgeUrl(policy, 'http://1.1.1.1/').allowed, false);
    assert.equal(judgeUrl(policy, 'http://[::ffff:1.1.1.1]/').allowed, false);
    assert.equal(judgeUrl(policy, 'http://[2002:a00:1::]/').allowed, false);
    assert.equal(judgeUrl(policy, 'http://127.0.0.1/').rule, 'not_forbidden');
    assert.equal(judgeUrl(policy, 'http://printer.local/').allowed, true);
    assert.equal(judgeUrl(policy, 'http://169.254.169.254/').rule, 'metadata');
    assert.equal(judgeUrl(policy, 'http://metadata.google.internal/').rule, 'metadata');
  });

  it('closes every way to this machine where a list names one', () => {
    const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: '127.0.0.1' });
    for (const host of [
      '127.0.0.1',
      '127.9.9.9',
      '0.0.0.0',
      '[::1]',
      '[::]',
      'localhost',
      'a.localhost.',
      '[::ffff:127.0.0.1]',
    ]) {
      assert.equal(judgeUrl(policy, `http://${host}/`).allowed, false, host);
    }
    assert.equal(judgeUrl(policy, 'http://10.0.0.1/').allowed, true);
  });

  it('closes what is not public beside a list that says so', () => {
    const policy = compilePolicy({ allowedUrlRegexes: [], forbiddenIps: 'not-public;1.1.1.0/24' });
    for (const host of ['127.0.0.1', '1.1.1.1', 'localhost'])
      assert.equal(judgeUrl(policy, `http://${host}/`).allowed, false);
    assert.equal(judgeUrl(policy, 'http://1.1.2.1/').rule, 'public');
  });

  it('opens its own API, and nothing beside it, by one switch', () => {
    const policy = compilePolicy({
      allowedUrlRegexes: [],
      forbiddenIps: '',
      selfOrigin: ['http://127.0.0.1:3005', 'http://localhost:3005/base/'],
    });
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
      selfOrigin: 'http://169.254.169.254',
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
    assert.equal(findForbiddenFault(' 10.0.0.0/8;;::1 ; not-public'), null);
    assert.throws(() => compilePolicy({ allowedUrlRegexes: [], forbiddenIps: 'x' }), /"x"/u);
    assert.throws(() => compilePolicy({ allowedUrlRegexes: ['('], forbiddenIps: '' }), /"\("/u);
  });
});
