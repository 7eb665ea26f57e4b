// Two people on one thing: what both changed is shown beside each other and asked, what one changed stays, nothing typed is lost.
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, it } from 'node:test';
import type { Page, Request } from 'playwright-core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import type { TestPerson } from '../../server/test/server.ts';
import { checkBothSchemes, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import type { Visit } from './visit.ts';
import { makeWorld } from './world.ts';

describeInBrowser('two people on one thing', makeWorld, (rig) => {
  let tab: Visit;
  let colleague: TestPerson;
  before(async () => {
    colleague = await rig.server.addPerson('author');
    const data = [{ personId: colleague.id, role: 'collaborator' as const }];
    await rig.server.author.call(flowPermissionEndpoints.give, {
      params: { id: rig.world.ids.flow },
      body: { data },
    });
  });
  beforeEach(async () => {
    tab = await rig.tabOf();
  });
  const forgiven = new Set<Visit>();
  afterEach(() => {
    for (const each of [tab, ...forgiven]) {
      each.forgive(/status of 412/u);
      each.forgive(/status of 400 .*\/v4\/webhooks\/preview/u);
    }
    forgiven.clear();
  });

  const openColleague = async (address: string) => {
    const visit = await rig.openWindow(address, colleague);
    forgiven.add(visit);
    return visit.page;
  };
  const taskAddress = () => `/flows/${rig.world.ids.flow}?panel=webhooks&task=${rig.world.ids.task}`;
  const nameOf = (page: Page) => page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true });
  const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click();
  const question = (page: Page) =>
    page.getByRole('alert', { name: 'Somebody else has changed this meanwhile' });
  const isClosed = (page: Page) => page.getByRole('dialog').waitFor({ state: 'detached' });
  const readTask = () =>
    rig.server.author.call(webhookTaskEndpoints.get, { params: { id: rig.world.ids.task } });
  const hasFocus = (page: Page) =>
    page.waitForFunction(() => {
      const shown = document.querySelector('section[role="alert"]');
      return shown !== null && document.activeElement?.contains(shown) === true;
    });
  /** The bodies that are sent to change something. */
  const noteBodies = (page: Page) => {
    const bodies: unknown[] = [];
    const note = (request: Request) => {
      if (request.method() === 'PATCH') bodies.push(request.postDataJSON());
    };
    page.on('request', note);
    return { bodies, stop: () => page.off('request', note) };
  };

  it('keeps both changes of a task, where they are of different fields, and says so', async () => {
    await tab.open(taskAddress());
    const theirs = await openColleague(taskAddress());
    await nameOf(theirs).fill('Renamed by the other');
    await nameOf(tab.page).waitFor();
    await tab.page.getByRole('switch', { name: 'Retry on failure' }).uncheck();
    await save(theirs);
    await isClosed(theirs);
    const sent = noteBodies(tab.page);
    await save(tab.page);
    await tab.page.getByText('It is kept beside yours: Name.').waitFor();
    await isClosed(tab.page);
    sent.stop();
    assert.deepEqual(sent.bodies, [{ retryOnFailure: false }, { retryOnFailure: false }]);
    const { name, retryOnFailure } = await readTask();
    assert.deepEqual([name, retryOnFailure], ['Renamed by the other', false]);
  });

  it('asks about a field of a task that both changed, also after a reload, and saves what is chosen', async () => {
    const { page } = tab;
    await tab.open(taskAddress());
    const before = await nameOf(page).inputValue();
    const theirs = await openColleague(taskAddress());
    await nameOf(page).fill('Called so by me');
    await nameOf(theirs).fill('Called so by them');
    await save(theirs);
    await isClosed(theirs);
    await page.reload();
    await page.getByText(/^Your draft of /u).waitFor();
    assert.equal(await nameOf(page).inputValue(), 'Called so by me');
    await save(page);
    await question(page).waitFor();
    await hasFocus(page);
    const told = await question(page).innerText();
    assert.match(told, /^The author has changed this meanwhile/u);
    assert.match(told, /Name\s+Now there\s+Called so by them\s+Yours\s+Called so by me/u);
    assert.equal((await readTask()).name, 'Called so by them');
    await checkBothSchemes(page, 'a conflict of a task');
    await checkNarrow(page, 'a conflict of a task');
    // What is typed beside the question counts as well.
    await page.getByRole('switch', { name: 'Enabled' }).uncheck();
    await nameOf(page).fill('Called so by me, after all');
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await isClosed(page);
    const saved = await readTask();
    assert.deepEqual([saved.name, saved.enabled], ['Called so by me, after all', false]);
    assert.notEqual(before, 'Called so by me');
  });

  it('lets each field of a task be chosen for itself, and shows no secret', async () => {
    const { page } = tab;
    const { author } = rig.server;
    const params = { id: rig.world.ids.task };
    await tab.open(taskAddress());
    const dialog = page.getByRole('dialog');
    await nameOf(page).fill('My name');
    await dialog.getByLabel('Secret key', { exact: true }).fill('a secret that I typed');
    await page.getByRole('switch', { name: 'Validate the certificate' }).uncheck();
    const body = { name: 'Their name', secretKey: 'a secret of theirs', sslVerification: false };
    await colleague.call(webhookTaskEndpoints.change, { params, body });
    await save(page);
    await question(page).waitFor();
    const told = await question(page).innerText();
    assert.doesNotMatch(told, /a secret that I typed|a secret of theirs/u);
    assert.match(told, /Secret key\s+Now there\s+hidden/u);
    assert.doesNotMatch(told, /certificate/u, 'both wanted the same of it');
    const group = (name: string) => question(page).getByRole('radiogroup', { name, exact: true });
    await group('Name').getByRole('radio', { name: 'Take theirs' }).check();
    await checkBothSchemes(page, 'a conflict of several fields');
    await group('Secret key').getByRole('radio', { name: 'Keep mine' }).check();
    await page.getByRole('button', { name: 'Save this choice' }).click();
    await isClosed(page);
    const task = await author.call(webhookTaskEndpoints.get, { params });
    assert.deepEqual([task.name, task.sslVerification], ['Their name', false]);
  });

  it('takes theirs where that is chosen, and saves nothing then', async () => {
    const { page } = tab;
    await tab.open(taskAddress());
    await nameOf(page).fill('Not to stay');
    await colleague.call(webhookTaskEndpoints.change, {
      params: { id: rig.world.ids.task },
      body: { name: 'To stay' },
    });
    await save(page);
    await question(page).waitFor();
    await page.getByRole('button', { name: 'Take theirs' }).click();
    await page.getByText('What is there now stays.').waitFor();
    assert.equal(await nameOf(page).inputValue(), 'To stay');
    await page.keyboard.press('Escape');
    await isClosed(page);
    assert.equal((await readTask()).name, 'To stay');
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(sessionStorage)), /Not to stay/u);
  });

  it('shows what is there now where nothing was typed', async () => {
    const { page } = tab;
    await tab.open(taskAddress());
    await nameOf(page).waitFor();
    await colleague.call(webhookTaskEndpoints.change, {
      params: { id: rig.world.ids.task },
      body: { name: 'Seen at once' },
    });
    await page.waitForFunction(() =>
      [...document.querySelectorAll('input')].some(({ value }) => value === 'Seen at once'),
    );
    await page.keyboard.press('Escape');
    await isClosed(page);
  });

  it('shows the SQL of both line by line, and keeps what was typed until it is chosen', async () => {
    const { page } = tab;
    const { flow, recipe } = rig.world.ids;
    const address = `/flows/${flow}?recipe=${recipe}`;
    await tab.open(address);
    const theirs = await openColleague(address);
    const type = async (on: Page, lines: readonly string[]) => {
      await on.locator('.cm-content').click();
      await on.keyboard.press('Control+A');
      await on.keyboard.insertText(lines.join('\n'));
    };
    const submit = (on: Page) => on.getByRole('button', { name: 'Save', exact: true }).click();
    await type(page, ['select', '  1 as mine', 'from large_orders']);
    await type(theirs, ['select', '  2 as theirs', 'from large_orders']);
    await submit(theirs);
    await theirs.getByText('The recipe is saved.').waitFor();
    await page.reload();
    await page.getByText(/^Your draft of /u).waitFor();
    await submit(page);
    await question(page).waitFor();
    await hasFocus(page);
    const lines = question(page).getByRole('region', { name: 'SQL: lines that differ' });
    assert.equal(
      (await lines.innerText()).replaceAll(/\s+/gu, ' ').trim(),
      'select now there: 2 as theirs yours: 1 as mine from large_orders',
    );
    assert.match(await page.locator('.cm-content').innerText(), /1 as mine/u);
    await checkBothSchemes(page, 'a conflict of a recipe');
    await type(theirs, ['select 3 as again from large_orders']);
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText(' -- more');
    await question(page).getByText('from large_orders -- more').waitFor();
    await question(page).getByRole('button', { name: 'Keep mine' }).click();
    await page.getByText('The recipe is saved.').waitFor();
    const { sql } = await rig.server.author.call(wrangledDatasetEndpoints.get, { params: { id: recipe } });
    assert.equal(sql, 'select\n  1 as mine\nfrom large_orders -- more');
    await submit(theirs);
    await question(theirs).waitFor();
    await question(theirs).getByRole('button', { name: 'Take theirs' }).click();
    await question(theirs).waitFor({ state: 'detached' });
    assert.match(await theirs.locator('.cm-content').innerText(), /1 as mine/u);
  });

  it('saves SQL beside a new name of the recipe, and twice in a row', async () => {
    const { page } = tab;
    const { flow, recipe } = rig.world.ids;
    const params = { id: recipe };
    await tab.open(`/flows/${flow}?recipe=${recipe}`);
    const append = async (text: string) => {
      await page.locator('.cm-content').click();
      await page.keyboard.press('Control+End');
      await page.keyboard.insertText(text);
    };
    await append('\n-- one');
    await colleague.call(wrangledDatasetEndpoints.change, { params, body: { description: 'theirs' } });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The recipe is saved.').waitFor();
    // Typed while the answer is under way: it goes on from what is being saved.
    let typed = async () => append('\n-- two');
    await page.route('**/v4/wrangledDatasets/*', async (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      const response = await route.fetch();
      await typed();
      typed = async () => undefined;
      return route.fulfill({ response });
    });
    await append('\n-- one and a half');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Not saved yet').waitFor();
    await page.waitForFunction(() => document.querySelector('.cm-content')?.textContent?.includes('-- two'));
    await page.getByRole('button', { name: 'Save', exact: true, disabled: false }).waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForFunction(() => !document.body.innerText.includes('Not saved yet'));
    const { sql, description } = await rig.server.author.call(wrangledDatasetEndpoints.get, { params });
    assert.match(sql!, /-- one\n-- one and a half\n-- two$/u);
    assert.equal(description, 'theirs');
    assert.equal(await question(page).count(), 0);
    await page.unroute('**/v4/wrangledDatasets/*');
  });

  it('holds for a flow, an output, a schedule, a dataset and a parameter as well', async () => {
    const { page } = tab;
    const { author } = rig.server;
    const { flow, output, dataset } = rig.world.ids;
    const ask = async (there: RegExp) => {
      await question(page).waitFor();
      assert.match(await question(page).innerText(), there);
      await question(page).getByRole('button', { name: 'Keep mine' }).click();
      await question(page).waitFor({ state: 'detached' });
    };
    const field = (name: string) => page.getByRole('textbox', { name, exact: true });

    await tab.open(`/flows/${flow}`);
    await page.getByRole('button', { name: 'More actions of this flow' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await field('Description').fill('of mine');
    const flowChange = { params: { id: flow }, body: { name: 'Their flow', description: 'of theirs' } };
    await colleague.call(flowEndpoints.change, flowChange);
    await save(page);
    await ask(/Description\s+Now there\s+of theirs\s+Yours\s+of mine/u);
    await isClosed(page);
    const renamed = await author.call(flowEndpoints.get, { params: { id: flow } });
    assert.deepEqual([renamed.name, renamed.description], ['Their flow', 'of mine']);

    await tab.open(`/flows/${flow}?output=${output}`);
    await field('Path').fill('mine/rows.csv');
    const writeSettings = [{ path: 'theirs/rows.csv', action: 'overwrite', format: 'csv' } as const];
    await colleague.call(outputObjectEndpoints.change, { params: { id: output }, body: { writeSettings } });
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await ask(/now there:\s+Path: theirs\/rows\.csv\s+yours:\s+Path: mine\/rows\.csv/u);
    await page.getByText('The settings are saved.').waitFor();
    const saved = await author.call(outputObjectEndpoints.get, { params: { id: output } });
    assert.equal(saved.writeSettings.data[0]?.path, 'mine/rows.csv');

    await tab.open(`/flows/${flow}/schedule`);
    const [given] = (await author.call(scheduleEndpoints.list, { query: { flowId: flow } })).data;
    const { id, triggers, tasks, missed, overlap } = given!;
    await page.getByRole('checkbox', { name: 'Run large_orders' }).check();
    await field('Name').fill('My mornings');
    await colleague.call(scheduleEndpoints.replace, {
      params: { id },
      body: { name: 'Their mornings', triggers, tasks, missed, overlap, enabled: false },
    });
    await page.getByRole('button', { name: 'Save the schedule' }).click();
    await ask(/Name\s+Now there\s+Their mornings\s+Yours\s+My mornings/u);
    await page.getByText('The schedule is saved.').waitFor();
    const schedule = await author.call(scheduleEndpoints.get, { params: { id } });
    assert.deepEqual([schedule.name, schedule.enabled], ['My mornings', false]);

    await tab.open(`/flows/${flow}?dataset=${dataset}`);
    await page.getByRole('tab', { name: 'How it is read' }).click();
    await page.getByRole('textbox', { name: 'What stands for a missing value' }).fill('mine');
    await author.call(importedDatasetEndpoints.change, {
      params: { id: dataset },
      body: { options: { nullText: 'theirs', quote: "'" } },
    });
    const sent = noteBodies(page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await ask(/What stands for a missing value\s+Now there\s+theirs\s+Yours\s+mine/u);
    await page.getByText('The file is read anew.').waitFor();
    sent.stop();
    assert.deepEqual(sent.bodies.at(-1), { options: { nullText: 'mine' } });
    const read = await author.call(importedDatasetEndpoints.get, { params: { id: dataset } });
    assert.deepEqual(read.given.options, { nullText: 'mine', quote: "'" });

    const [parameter] = (await author.call(flowParameterEndpoints.list, { params: { id: flow } })).data;
    await tab.open(`/flows/${flow}/parameters`);
    await page.getByRole('button', { name: `Change ${parameter!.name}` }).click();
    await field('Description').fill('of mine');
    await colleague.call(flowParameterEndpoints.change, {
      params: { id: flow, parameterId: parameter!.id },
      body: { description: 'of theirs' },
    });
    await save(page);
    await ask(/Description\s+Now there\s+of theirs\s+Yours\s+of mine/u);
    await isClosed(page);
    const [changed] = (await author.call(flowParameterEndpoints.list, { params: { id: flow } })).data;
    assert.equal(changed!.description, 'of mine');
  });
});
