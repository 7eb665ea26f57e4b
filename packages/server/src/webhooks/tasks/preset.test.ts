// Presets: each renders to the shape that its receiver documents, with facts that hold quotes, line ends and nulls.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { webhookPresets } from '@flowhook/contract/webhook/webhook-preset';
import { makeSampleFacts, type Facts } from '../messages/fact.ts';
import { fillSecrets, freezeBody } from '../messages/frozen-body.ts';
import { parseTemplate } from '../messages/template.ts';

const sample = makeSampleFacts({
  now: Date.parse('2026-01-02T03:04:05Z'),
  baseUrl: 'https://flowhook.example.com',
  flow: { id: 7, name: 'Sales "EU"\nnorth' },
  recipe: null,
  person: null,
});
const failed: Facts = {
  ...sample,
  job: { ...sample.job!, status: 'Failed', rows: null, bytes: null, startedAt: null, durationMs: null },
  recipe: null,
  files: [],
  error: { reason: 'sql_error', message: 'No column "price"\n', detail: { line: 1 } },
};

function render(id: string, facts: Facts): unknown {
  const { body, secrets } = webhookPresets.find((preset) => preset.id === id)!;
  const frozen = freezeBody(parseTemplate(body), facts);
  assert.ok(frozen.ok);
  const values = new Map(Object.keys(secrets).map((name) => [name, 'R0UT1NGKEY']));
  const text = typeof frozen.body === 'string' ? frozen.body : fillSecrets(frozen.body, values);
  return JSON.parse(text);
}

describe('a preset', () => {
  for (const { id, name } of webhookPresets)
    for (const [what, facts] of [
      ['success', sample],
      ['failure', failed],
    ] as const)
      it(`gives valid JSON: ${name}, ${what}`, () => {
        const body = render(id, facts);
        assert.ok(
          !/\$(?!schema)/u.test(JSON.stringify(body)),
          `a reference is left in ${JSON.stringify(body)}`,
        );
      });

  it('has the members that Slack, Discord and PagerDuty document', () => {
    const slack = render('slack', sample) as { text: string };
    assert.match(slack.text, /^Sales "EU"\nnorth: job 0 has ended\. Status: Complete\./u);
    const discord = render('discord', sample) as { content: string };
    assert.ok(discord.content.length <= 2000);
    const pagerduty = render('pagerduty', failed) as Record<string, unknown> & { payload: object };
    assert.equal(pagerduty['routing_key'], 'R0UT1NGKEY');
    assert.equal(pagerduty['event_action'], 'trigger');
    for (const member of ['summary', 'source', 'severity']) assert.ok(member in pagerduty.payload, member);
  });

  it('gives Teams one adaptive card with its schema', () => {
    const teams = render('teams', failed) as {
      type: string;
      attachments: { contentType: string; content: Record<string, unknown> }[];
    };
    assert.equal(teams.type, 'message');
    const [card] = teams.attachments;
    assert.equal(card!.contentType, 'application/vnd.microsoft.card.adaptive');
    assert.equal(card!.content['$schema'], 'http://adaptivecards.io/schemas/adaptive-card.json');
    assert.equal(card!.content['type'], 'AdaptiveCard');
  });
});
