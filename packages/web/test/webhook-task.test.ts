// A webhook task in the browser, step for step as in the original: made, tested, changed, seen to fire, held, deleted.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { verify } from '@flowhook/signature';
import { jobGroupEndpoints } from '@flowhook/contract/job/job-group';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { until } from '../../server/test/wait.ts';
import { checkAxe, checkBothSchemes, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
import { makeWorld } from './world.ts';

const makeWideWorld = async () => ({ ...(await makeWorld()), window: { width: 1400, height: 1000 } });

describeInBrowser('webhook tasks', makeWideWorld, (rig) => {
  let tab: Visit;
  beforeEach(async () => {
    tab = await rig.tabOf();
  });
  afterEach(() => {
    // The preview is asked while somebody types: what is half typed may be refused.
    tab.forgive(/status of 400 .*\/v4\/webhooks\/preview/u);
  });

  const openPanel = async () => {
    await tab.open(`/flows/${rig.world.ids.flow}`);
    await tab.page.getByRole('button', { name: 'More actions of this flow' }).click();
    await tab.page.getByRole('menuitem', { name: 'Webhooks' }).click();
    await tab.page.getByRole('button', { name: 'Create webhook task' }).waitFor();
  };
  const drawer = () => tab.page.getByRole('dialog');
  const field = (name: string) => drawer().getByLabel(name, { exact: true });
  const find = async (name: string) => {
    const { data } = await rig.server.author.call(webhookTaskEndpoints.listOfFlow, {
      params: { id: rig.world.ids.flow },
    });
    return data.find((task) => task.name === name);
  };

  it('is made from the flow’s menu, tested before it is saved, and created', async () => {
    await openPanel();
    await tab.page.getByRole('button', { name: 'Create webhook task' }).click();
    await drawer()
      .getByRole('button', { name: /^JSON with all facts/u })
      .click();
    await field('Name').fill('Tell the warehouse');
    await field('URL').fill(`${rig.world.receiver.origin}/made?job=$jobId`);
    await drawer().getByText('May be called').waitFor();
    await field('Secret key').fill('the secret of this test');
    await drawer().getByRole('button', { name: 'Add a header' }).click();
    await field('Name of header 2').fill('X-Api-Token');
    await field('Value of header 2').fill('a header value that is secret');

    // What will be sent, with the facts of a job that has run.
    await drawer().getByLabel('Facts of', { exact: true }).click();
    await tab.page.getByRole('option', { name: `job ${rig.world.ids.job}, Complete` }).click();
    await drawer()
      .getByRole('region', { name: 'Body as it is sent' })
      .getByText('"status": "Complete"')
      .waitFor();
    await drawer().getByText('With the job’s facts this is valid JSON.').waitFor();
    assert.doesNotMatch(await drawer().innerText(), /a header value that is secret/u);

    await drawer().getByRole('button', { name: 'Test', exact: true }).click();
    await drawer().getByText('The receiver answered 204.').waitFor();
    assert.equal(
      await drawer().getByRole('tab', { name: 'Last test' }).getAttribute('aria-selected'),
      'true',
    );
    const [sent] = rig.world.receiver.received.filter(({ url }) => url.startsWith('/made'));
    assert.equal(sent!.url, `/made?job=${rig.world.ids.job}`);
    assert.equal(sent!.headers['x-api-token'], 'a header value that is secret');
    const { method, headers, body } = sent!;
    const url = `${rig.world.receiver.origin}${sent!.url}`;
    const verdict = await verify('the secret of this test', {
      method,
      url,
      headers,
      body: Buffer.from(body),
    });
    assert.ok(verdict.ok);
    await drawer().getByRole('region', { name: 'Signature' }).first().waitFor();

    await shoot('webhook-task-editor');
    await drawer().getByRole('button', { name: 'Create', exact: true }).click();
    await drawer().waitFor({ state: 'detached' });
    await tab.page.getByRole('listitem').filter({ hasText: 'Tell the warehouse' }).waitFor();
    const task = await find('Tell the warehouse');
    assert.deepEqual(
      [task!.secretKeySet, task!.headers['X-Api-Token'], task!.triggerEvent],
      [true, null, 'onJobDone'],
    );
  });

  it('takes twelve clicks from the flow to a callback that is verified', async () => {
    const { page } = tab;
    const { ids, receiver } = rig.world;
    await tab.open(`/flows/${ids.flow}`);
    // Of a hand, not those that the browser makes of a key or of a label.
    await page.evaluate(() => {
      const count = ({ isTrusted, detail }: MouseEvent) => {
        if (isTrusted && detail > 0)
          document.body.dataset['clicks'] = String(Number(document.body.dataset['clicks'] ?? 0) + 1);
      };
      addEventListener('click', count, true);
    });
    await page.getByRole('button', { name: 'More actions of this flow' }).click();
    await page.getByRole('menuitem', { name: 'Webhooks' }).click();
    await page.getByRole('button', { name: 'Create webhook task' }).click();
    const typed = {
      Name: 'In twelve',
      URL: `${receiver.origin}/twelve?job=$jobId`,
      'Secret key': 'of twelve clicks',
    };
    for (const [name, value] of Object.entries(typed)) {
      await field(name).click();
      await page.keyboard.type(value);
    }
    await drawer().getByRole('button', { name: 'Test', exact: true }).click();
    await drawer().getByText('The receiver answered 204.').waitFor();
    await drawer().getByRole('button', { name: 'Create', exact: true }).click();
    await drawer().waitFor({ state: 'detached' });
    await page
      .getByRole('button', { name: /^Output of/u })
      .first()
      .click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const told = await page.getByText(/^Job \d+ is started/u).innerText();
    const id = /\d+/u.exec(told)![0];
    await page.getByRole('link', { name: new RegExp(`\\b${id}\\b`, 'u') }).click();
    await page.getByRole('tab', { name: 'Webhooks' }).click();
    const decided = page.getByRole('region', { name: 'In twelve' });
    await decided.getByText('Delivered', { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.body.dataset['clicks']), '12');

    const sent = receiver.received.find(({ url }) => url === `/twelve?job=${id}`)!;
    const { method, headers, body } = sent;
    const url = `${receiver.origin}${sent.url}`;
    assert.ok((await verify('of twelve clicks', { method, url, headers, body: Buffer.from(body) })).ok);
  });

  it('fires when a job ends', async () => {
    const job = await rig.server.author.call(jobGroupEndpoints.create, {
      body: { wrangledDataset: { id: rig.world.ids.recipe } },
    });
    await until(
      () => rig.world.receiver.received.some(({ url }) => url === `/made?job=${job.id}`),
      'the callback',
      30_000,
    );
  });

  it('tells what it decided, and why, also where it did not fire', async () => {
    const { author } = rig.server;
    await author.call(webhookTaskEndpoints.create, {
      body: {
        flowId: rig.world.ids.flow,
        name: 'Only failures',
        url: `${rig.world.receiver.origin}/failures`,
        method: 'post',
        triggerEvent: 'onJobFailure',
        triggerObject: 'any',
        body: '{}',
      },
    });
    const run = () =>
      author.call(jobGroupEndpoints.create, { body: { wrangledDataset: { id: rig.world.ids.recipe } } });
    const job = await run();
    await openPanel();
    const card = tab.page.getByRole('listitem').filter({ hasText: 'Only failures' });
    await card.getByRole('button', { name: 'What it decided' }).click();
    const dialog = tab.page.getByRole('dialog', { name: 'What “Only failures” decided' });
    const entry = (id: number) => dialog.getByRole('listitem').filter({ hasText: `Job ${id}` });
    await entry(job.id).getByText('Did not fire').waitFor();
    await entry(job.id).getByText('The task waits for a failed job, and this job succeeded.').waitFor();
    // A job that ends while one looks comes by itself.
    const next = await run();
    await entry(next.id).getByText('Did not fire').waitFor();
    await checkAxe(tab.page, 'decisions of a task');
    await shoot('webhook-task-decisions');
    await dialog.getByText('Fired', { exact: true }).click();
    await dialog.getByText('No decision yet').waitFor();
    await dialog.getByText('All', { exact: true }).click();
    await entry(next.id)
      .getByRole('link', { name: `Job ${next.id}` })
      .click();
    await tab.page.waitForURL((url) => url.pathname === `/jobs/${next.id}` && url.search === '?tab=webhooks');
  });

  it('says at its fields what is wrong, and loses nothing that was typed', async () => {
    await openPanel();
    await tab.page.getByRole('button', { name: 'Create webhook task' }).click();
    await field('Name').fill('Refused');
    await field('URL').fill('http://169.254.169.254/latest/meta-data');
    await drawer().getByText('Would be refused').waitFor();
    await drawer()
      .getByText(/nothing can open it/u)
      .waitFor();
    await drawer().getByRole('button', { name: 'Create', exact: true }).click();
    await drawer()
      .getByText(/metadata|forbidden|refuse/iu)
      .first()
      .waitFor();
    assert.equal(await field('URL').getAttribute('aria-invalid'), 'true');
    // The refusal stands where the button is, and the field at fault has the focus.
    const alert = drawer().getByRole('alert').last();
    assert.ok(
      (await isInSight(alert)) &&
        (await isInSight(drawer().getByRole('button', { name: 'Create', exact: true }))),
    );
    await tab.page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
    tab.forgive(/status of 400/u);
    assert.equal(await field('Name').inputValue(), 'Refused');
    await field('URL').fill('ftp://example.com/');
    await field('Body').count();
    await drawer().getByRole('button', { name: 'Create', exact: true }).click();
    await drawer().getByText(/http/u).first().waitFor();
    tab.forgive(/status of 400/u);

    // What is typed is kept, but no secret: leaving asks about that alone.
    await field('Secret key').fill('typed, never kept');
    await tab.page.keyboard.press('Escape');
    const asking = tab.page.getByRole('dialog', { name: 'Close without the secrets?' });
    await asking.getByRole('button', { name: 'Close', exact: true }).last().click();
    await drawer().waitFor({ state: 'detached' });
    const kept = await tab.page.evaluate(() => JSON.stringify(sessionStorage));
    assert.match(kept, /Refused/u);
    assert.doesNotMatch(kept, /never kept/u);
    await tab.page.reload();
    await tab.page.getByRole('button', { name: 'Create webhook task' }).click();
    await drawer()
      .getByText(/^Your draft of /u)
      .waitFor();
    assert.equal(await field('Name').inputValue(), 'Refused');
    assert.equal(await field('URL').inputValue(), 'ftp://example.com/');
    await drawer().getByRole('button', { name: 'Discard' }).click();
    assert.equal(await field('Name').inputValue(), '');
    await tab.page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
    assert.equal(await find('Refused'), undefined);
  });

  it('is changed without its secrets being shown or lost', async () => {
    await openPanel();
    await tab.page.getByRole('button', { name: 'Tell the warehouse', exact: true }).click();
    assert.equal(await field('Value of header 2').inputValue(), '');
    assert.equal(await field('Secret key').inputValue(), '');
    await drawer().getByLabel('When a job succeeds').check();
    await field('Secret key').fill('the second secret');
    await drawer().getByLabel('Let the earlier key sign too, for a day').check();
    await drawer().getByRole('button', { name: 'Save' }).click();
    await drawer().waitFor({ state: 'detached' });
    const task = await find('Tell the warehouse');
    assert.deepEqual([task!.triggerEvent, task!.secretKeySet], ['onJobSuccess', true]);
    assert.ok(Date.parse(task!.earlierSecretKeyUntil!) > Date.now());

    const job = await rig.server.author.call(jobGroupEndpoints.create, {
      body: { wrangledDataset: { id: rig.world.ids.recipe } },
    });
    const ofJob = () => rig.world.receiver.received.find(({ url }) => url === `/made?job=${job.id}`);
    await until(() => ofJob() !== undefined, 'the callback', 30_000);
    const { method, headers, body, url } = ofJob()!;
    const request = { method, url: `${rig.world.receiver.origin}${url}`, headers, body: Buffer.from(body) };
    assert.equal(headers['x-api-token'], 'a header value that is secret');
    for (const key of ['the secret of this test', 'the second secret'])
      assert.ok((await verify(key, request)).ok, key);
  });

  it('is disabled, enabled and deleted from its menu', async () => {
    await openPanel();
    const menu = async (item: string) => {
      await tab.page.getByRole('button', { name: 'What can be done with Tell the warehouse' }).click();
      await tab.page.getByRole('menuitem', { name: item, exact: true }).click();
    };
    await menu('Disable');
    await tab.page
      .getByRole('listitem')
      .filter({ hasText: 'Tell the warehouse' })
      .getByText('Disabled')
      .waitFor();
    await menu('Enable');
    await tab.page
      .getByRole('listitem')
      .filter({ hasText: 'Tell the warehouse' })
      .getByText('Enabled')
      .waitFor();
    await menu('Delete');
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await tab.page
      .getByRole('listitem')
      .filter({ hasText: 'Tell the warehouse' })
      .waitFor({ state: 'detached' });
    assert.equal(await find('Tell the warehouse'), undefined);
  });

  it('looks right to axe in both schemes and fits 360 px, panel and editor', async () => {
    await openPanel();
    await checkBothSchemes(tab.page, 'the panel');
    await checkNarrow(tab.page, 'the panel');
    await tab.page.getByRole('button', { name: 'Create webhook task' }).click();
    await drawer()
      .getByRole('button', { name: /^Slack/u })
      .click();
    await field('URL').fill(`${rig.world.receiver.origin}/x`);
    await drawer().getByRole('region', { name: 'Body as it is sent' }).waitFor();
    await checkBothSchemes(tab.page, 'the editor');
    await shoot('editor');
    await checkNarrow(tab.page, 'the editor');
    await drawer().getByRole('tab', { name: 'Verify' }).click();
    await drawer().getByRole('region', { name: 'Code that verifies a signature in Node.js' }).waitFor();
    await checkAxe(tab.page, 'the code that verifies');
    for (const language of ['python', 'go', 'java', 'ruby', 'php', 'shell']) {
      await field('Language').selectOption(language);
      await drawer()
        .getByRole('region', { name: /^Code that verifies/u })
        .getByText(/verif/iu)
        .first()
        .waitFor();
    }
  });

  const isInSight = (place: Locator) =>
    place.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });

  async function shoot(name: string): Promise<void> {
    const folder = process.env['FLOWHOOK_SHOTS'];
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await tab.page.screenshot({ path: `${folder}/${name}.png` });
  }
});
