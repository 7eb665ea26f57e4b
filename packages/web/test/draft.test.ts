// What is typed into a form is kept until it is saved: over Back, another node and a reload; and it is said where it matters.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { startBrowser, withoutBrowser } from './browser.ts';
import { visit, type Visit } from './visit.ts';
import { makeWorld, type World } from './world.ts';

describe('what is typed and not saved', { skip: withoutBrowser }, () => {
  let world: World;
  let browser: Browser;
  let tab: Visit;
  before(async () => {
    [world, browser] = await Promise.all([makeWorld(), startBrowser()]);
    tab = await visit(browser, world.server, { person: world.server.author });
  });
  after(async () => {
    await tab?.close();
    await browser?.close();
    await world?.stop();
  });
  const isFound = (page: Page) => page.getByText(/^Your draft of /u).waitFor();
  const discard = (page: Page) => page.getByRole('button', { name: 'Discard' }).click();

  it('of an output is offered on return, marked in the graph, and not what Run takes', async () => {
    const { page } = tab;
    const { flow, output } = world.ids;
    await tab.open(`/flows/${flow}?output=${output}`);
    const path = page.getByRole('textbox', { name: 'Path' });
    const stored = await path.inputValue();
    await path.fill('elsewhere/typed.csv');
    await page.getByText('What you typed is not saved: the settings of this output.').waitFor();
    await page.getByRole('button', { name: 'Output of totals, not saved yet' }).waitFor();
    await page.getByRole('button', { name: /^Dataset orders/u }).click();
    await page.getByRole('tab', { name: 'How it is read' }).waitFor();
    await page.goBack();
    await isFound(page);
    assert.equal(await path.inputValue(), 'elsewhere/typed.csv');
    await page.reload();
    await isFound(page);
    assert.equal(await path.inputValue(), 'elsewhere/typed.csv');
    await discard(page);
    assert.equal(await path.inputValue(), stored);
    await page.getByRole('button', { name: 'Output of totals', exact: true }).waitFor();
    assert.equal(await page.getByText('What you typed is not saved').count(), 0);
    await path.fill(`orders-${flow}/kept.csv`);
    await page.getByRole('button', { name: 'Save the settings' }).click();
    await page.getByText('The settings are saved.').waitFor();
    await page.reload();
    await path.waitFor();
    assert.equal(await page.getByText(/^Your draft of /u).count(), 0);
    const { writeSettings } = await world.server.author.call(outputObjectEndpoints.get, {
      params: { id: output },
    });
    assert.equal(writeSettings.data[0]?.path, `orders-${flow}/kept.csv`);
    assert.deepEqual(tab.faults, []);
  });

  it('of a task is kept without its secrets, and said in the list', async () => {
    const { page } = tab;
    const { flow, task } = world.ids;
    await tab.open(`/flows/${flow}?panel=webhooks&task=${task}`);
    const drawer = page.getByRole('dialog');
    await drawer.getByRole('textbox', { name: 'Name', exact: true }).fill('Half typed');
    await drawer.getByRole('button', { name: 'Add a header' }).click();
    await drawer.getByLabel('Name of header 2').fill('X-Api-Key');
    await drawer.getByLabel('Value of header 2').fill('hush-hush');
    await page.reload();
    await isFound(page);
    assert.equal(await drawer.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), 'Half typed');
    assert.equal(await drawer.getByLabel('Name of header 2').inputValue(), 'X-Api-Key');
    assert.equal(await drawer.getByLabel('Value of header 2').inputValue(), '');
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(sessionStorage)), /hush-hush/u);
    await page.keyboard.press('Escape');
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Tell the receiver' })
      .getByText('Not saved yet')
      .waitFor();
    await page.getByRole('button', { name: 'Tell the receiver', exact: true }).click();
    await isFound(page);
    await discard(page);
    assert.equal(await drawer.getByLabel('Name of header 2').count(), 0);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    const { data } = await world.server.author.call(webhookTaskEndpoints.listOfFlow, {
      params: { id: flow },
    });
    assert.deepEqual(
      data.map(({ name }) => name),
      ['Tell the receiver'],
    );
    assert.deepEqual(tab.faults, []);
  });

  it('of a schedule and of how a dataset is read are kept', async () => {
    const { page } = tab;
    const { flow, dataset } = world.ids;
    await tab.open(`/flows/${flow}/schedule`);
    await page.getByRole('checkbox', { name: 'Run large_orders' }).check();
    await page.getByRole('textbox', { name: 'Name' }).fill('Mornings');
    await page.goBack();
    await page.goForward();
    await isFound(page);
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Mornings');
    assert.equal(await page.getByRole('checkbox', { name: 'Run large_orders' }).isChecked(), true);
    await discard(page);
    assert.equal(await page.getByRole('checkbox', { name: 'Run large_orders' }).isChecked(), false);
    await tab.open(`/flows/${flow}?dataset=${dataset}`);
    await page.getByRole('tab', { name: 'How it is read' }).click();
    await page.getByRole('textbox', { name: /^Lines to skip/u }).fill('1');
    await page.getByRole('button', { name: /^Dataset orders.*not saved yet$/u }).waitFor();
    await page.reload();
    await page.getByRole('tab', { name: 'How it is read' }).click();
    await isFound(page);
    await discard(page);
    assert.deepEqual(tab.faults, []);
  });

  it('is lost by signing out alone, which asks', async () => {
    const { page } = tab;
    await tab.open(`/flows/${world.ids.flow}?output=${world.ids.output}`);
    await page.getByRole('textbox', { name: 'Path' }).fill('typed/again.csv');
    await page.getByRole('button', { name: /^Account/u }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    const asking = page.getByRole('dialog', { name: 'Sign out and lose what is not saved?' });
    await asking.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify(sessionStorage)), /typed/u);
  });
});
