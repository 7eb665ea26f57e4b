// Sharing a flow: found, added, changed, made owner, taken away, left; and who sees no control for any of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { personEndpoints } from '@flowhook/contract/person/person';
import { buildWeb } from '../../../scripts/web-build.ts';
import { startServer, type TestPerson, type TestServer } from '../../server/test/server.ts';
import { startBrowser, withoutBrowser } from './browser.ts';
import { checkAxe, checkNarrow, setScheme } from './look.ts';
import { visit } from './visit.ts';

describe('sharing', { skip: withoutBrowser }, () => {
  let server: TestServer;
  let browser: Browser;
  let colleague: TestPerson;
  before(async () => {
    buildWeb();
    server = await startServer('sqlite');
    browser = await startBrowser();
    colleague = await server.addPerson('author');
    await rename(colleague, 'Grace');
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const rename = (person: TestPerson, name: string) =>
    server.administrator.call(personEndpoints.change, { params: { id: person.id }, body: { name } });
  const makeFlow = async (name: string) =>
    (await server.author.call(flowEndpoints.create, { body: { name } })).id;
  const give = (id: number, person: TestPerson, role: 'collaborator' | 'readOnly') =>
    server.author.call(flowPermissionEndpoints.give, {
      params: { id },
      body: { data: [{ personId: person.id, role }] },
    });
  const open = async (person: TestPerson, address: string) => {
    const tab = await visit(browser, server, { person });
    await tab.open(address);
    return tab;
  };

  it('finds somebody by a part of the name, adds, changes and takes, by keyboard', async () => {
    const id = await makeFlow('Together');
    const tab = await open(server.author, '/flows');
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with Together' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Sharing' }).press('Enter');
    await page
      .getByRole('row', { name: /\(you\)/u })
      .getByText('Owner')
      .waitFor();
    await page.getByRole('button', { name: 'Add person' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Share with a person' });
    await dialog.getByRole('combobox', { name: 'Person' }).fill('grac');
    await page.getByRole('option', { name: /Grace/u }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await dialog.getByRole('combobox', { name: 'Person' }).inputValue(), colleague.email);
    await setScheme(page, 'dark');
    await checkAxe(page, 'a person is chosen, dark');
    await setScheme(page, 'light');
    await dialog.getByRole('button', { name: 'Share' }).press('Enter');
    await page.getByText('Grace sees the flow now.').waitFor();
    await colleague.refused(flowEndpoints.change, 403, { params: { id }, body: { name: 'x' } });
    const role = page.getByLabel('Role of Grace');
    assert.equal(await role.inputValue(), 'readOnly');
    await role.selectOption('Editor');
    await page.getByText('Grace is editor now.').waitFor();
    await colleague.call(flowEndpoints.change, { params: { id }, body: { description: 'by Grace' } });
    await checkAxe(page, 'shared');
    await checkNarrow(page, 'shared');
    await page.getByRole('button', { name: 'What can be done with Grace' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Remove' }).press('Enter');
    const take = page.getByRole('dialog', { name: 'Take the flow from Grace?' });
    await take.getByRole('button', { name: 'Remove' }).press('Enter');
    await page.getByRole('row', { name: /Grace/u }).waitFor({ state: 'detached' });
    await colleague.refused(flowEndpoints.get, 404, { params: { id } });
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('says at its field that nobody has an email, and what is no email', async () => {
    const id = await makeFlow('With nobody');
    const tab = await open(server.author, `/flows/${id}/sharing`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Add person' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Person' }).fill('nobody');
    await dialog.getByText('Nobody found who does not see the flow already.').waitFor();
    await dialog.getByRole('button', { name: 'Share' }).click();
    await dialog.locator('[aria-invalid="true"]').waitFor();
    await dialog.getByRole('combobox', { name: 'Person' }).fill('nobody@example.com');
    await dialog.getByRole('button', { name: 'Share' }).click();
    await dialog.locator('[id$=error]').getByText('Is nobody who has an account here.').waitFor();
    tab.forgive(/status of 400/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('gives the flow to another owner after it was asked, and then shows no control', async () => {
    const id = await makeFlow('Handed over');
    await give(id, colleague, 'collaborator');
    await give(id, server.viewer, 'readOnly');
    const tab = await open(server.author, `/flows/${id}/sharing`);
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with The viewer' }).click();
    await page.getByRole('menuitem', { name: 'Make owner' }).click();
    const refused = page.getByRole('dialog', { name: 'Make The viewer the owner?' });
    await refused.getByRole('button', { name: 'Give them the flow' }).click();
    await refused.getByText(/An administrator makes them an author first/u).waitFor();
    await refused.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'What can be done with Grace' }).click();
    await page.getByRole('menuitem', { name: 'Make owner' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make Grace the owner?' });
    await dialog.getByText(/You stay as an editor; only the new owner can give it back/u).waitFor();
    await checkAxe(page, 'hand over');
    await dialog.getByRole('button', { name: 'Give them the flow' }).click();
    await page.getByText('Only the owner of the flow and administrators change who sees it.').waitFor();
    await page.getByRole('row', { name: /Grace/u }).getByText('Owner').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Add person' }).count(), 0);
    assert.equal(await page.getByRole('combobox').count(), 0);
    const { data } = await colleague.call(flowPermissionEndpoints.list, { params: { id } });
    assert.deepEqual(data.map(({ person, role }) => [person.id, role]).slice(0, 2), [
      [colleague.id, 'owner'],
      [server.author.id, 'collaborator'],
    ]);
    tab.forgive(/status of 400/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('lets a viewer of the workspace see who else is there, and leave', async () => {
    const id = await makeFlow('Left');
    await give(id, server.viewer, 'collaborator');
    const tab = await open(server.viewer, `/flows/${id}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'More actions of this flow' }).click();
    assert.equal(await page.getByRole('menuitem', { name: 'Delete the flow' }).count(), 0);
    assert.equal(await page.getByRole('menuitem', { name: 'Copy' }).count(), 0);
    await page.getByRole('menuitem', { name: 'Sharing' }).click();
    await page
      .getByRole('row', { name: /The author/u })
      .getByText('Owner')
      .waitFor();
    assert.equal(await page.getByRole('button', { name: 'Add person' }).count(), 0);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page
      .getByRole('dialog', { name: 'Leave this flow?' })
      .getByRole('button', { name: 'Leave' })
      .click();
    await page.getByRole('heading', { level: 1, name: 'Flows' }).waitFor();
    await page.getByText('You have left the flow.').waitFor();
    await server.viewer.refused(flowEndpoints.get, 404, { params: { id } });
    // What was shown of the flow is asked for once more before the page is left.
    tab.forgive(/status of 404/u);
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });

  it('is live: a right that another person gives is seen', async () => {
    const id = await makeFlow('Live');
    const tab = await open(server.author, `/flows/${id}/sharing`);
    const { page } = tab;
    await page.getByRole('row', { name: /\(you\)/u }).waitFor();
    await server.administrator.call(flowPermissionEndpoints.give, {
      params: { id },
      body: { data: [{ personId: colleague.id, role: 'readOnly' }] },
    });
    await page.getByRole('row', { name: /Grace/u }).waitFor();
    assert.deepEqual(tab.faults, []);
    await tab.close();
  });
});
