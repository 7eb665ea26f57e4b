// People: who sees a flow; and under Settings made, changed, with a new password, removed with what they own given away.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { flowEndpoints } from '@flowhook/contract/flow/flow';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { scheduleEndpoints } from '@flowhook/contract/flow/schedule';
import { personEndpoints } from '@flowhook/contract/person/person';
import { sessionEndpoints } from '@flowhook/contract/person/session';
import { scheduleOf } from '../../server/test/role-table.ts';
import { type TestPerson, testPassword } from '../../server/test/server.ts';
import { checkAxe, checkNarrow, setScheme } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { makeBareWorld } from './world.ts';

async function makeColleagues() {
  const world = await makeBareWorld();
  const { administrator, addPerson } = world.server;
  const colleague = await addPerson('author');
  const change = { params: { id: colleague.id }, body: { name: 'Grace' } };
  await administrator.call(personEndpoints.change, change);
  return { ...world, colleague };
}

describeInBrowser('sharing', makeColleagues, (rig) => {
  const makeFlow = async (name: string) =>
    (await rig.server.author.call(flowEndpoints.create, { body: { name } })).id;
  const give = (id: number, person: TestPerson, role: 'collaborator' | 'readOnly') =>
    rig.server.author.call(flowPermissionEndpoints.give, {
      params: { id },
      body: { data: [{ personId: person.id, role }] },
    });

  it('finds somebody by a part of the name, adds, changes and takes, by keyboard', async () => {
    const id = await makeFlow('Together');
    const tab = await rig.open('/flows');
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
    assert.equal(
      await dialog.getByRole('combobox', { name: 'Person' }).inputValue(),
      rig.world.colleague.email,
    );
    await setScheme(page, 'dark');
    await checkAxe(page, 'a person is chosen, dark');
    await setScheme(page, 'light');
    await dialog.getByRole('button', { name: 'Share' }).press('Enter');
    await page.getByText('Grace sees the flow now.').waitFor();
    await rig.world.colleague.refused(flowEndpoints.change, 403, { params: { id }, body: { name: 'x' } });
    const role = page.getByLabel('Role of Grace');
    assert.equal(await role.inputValue(), 'readOnly');
    await role.selectOption('Editor');
    await page.getByText('Grace is editor now.').waitFor();
    await rig.world.colleague.call(flowEndpoints.change, {
      params: { id },
      body: { description: 'by Grace' },
    });
    await checkAxe(page, 'shared');
    await checkNarrow(page, 'shared');
    await page.getByRole('button', { name: 'What can be done with Grace' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Remove' }).press('Enter');
    const take = page.getByRole('dialog', { name: 'Take the flow from Grace?' });
    await take.getByRole('button', { name: 'Remove' }).press('Enter');
    await page.getByRole('row', { name: /Grace/u }).waitFor({ state: 'detached' });
    await rig.world.colleague.refused(flowEndpoints.get, 404, { params: { id } });
  });

  it('says at its field that nobody has an email, and what is no email', async () => {
    const id = await makeFlow('With nobody');
    const tab = await rig.open(`/flows/${id}/sharing`);
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
  });

  it('gives the flow to another owner after it was asked, and then shows no control', async () => {
    const id = await makeFlow('Handed over');
    await give(id, rig.world.colleague, 'collaborator');
    await give(id, rig.server.viewer, 'readOnly');
    const tab = await rig.open(`/flows/${id}/sharing`);
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
    const { data } = await rig.world.colleague.call(flowPermissionEndpoints.list, { params: { id } });
    assert.deepEqual(data.map(({ person, role }) => [person.id, role]).slice(0, 2), [
      [rig.world.colleague.id, 'owner'],
      [rig.server.author.id, 'collaborator'],
    ]);
    tab.forgive(/status of 400/u);
  });

  it('lets a viewer of the workspace see who else is there, and leave', async () => {
    const id = await makeFlow('Left');
    await give(id, rig.server.viewer, 'collaborator');
    const tab = await rig.open(`/flows/${id}`, rig.server.viewer);
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
    await rig.server.viewer.refused(flowEndpoints.get, 404, { params: { id } });
    // What was shown of the flow is asked for once more before the page is left.
    tab.forgive(/status of 404/u);
  });

  it('is live: a right that another person gives is seen', async () => {
    const id = await makeFlow('Live');
    const tab = await rig.open(`/flows/${id}/sharing`);
    const { page } = tab;
    await page.getByRole('row', { name: /\(you\)/u }).waitFor();
    await rig.server.administrator.call(flowPermissionEndpoints.give, {
      params: { id },
      body: { data: [{ personId: rig.world.colleague.id, role: 'readOnly' }] },
    });
    await page.getByRole('row', { name: /Grace/u }).waitFor();
  });
});

describeInBrowser('people', makeColleagues, (rig) => {
  const open = (address = '/settings/people') => rig.open(address, rig.server.administrator);

  it('are made, with what is wrong at its field, by keyboard alone', async () => {
    const tab = await open();
    const { page } = tab;
    await page.getByRole('button', { name: 'New person' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New person' });
    await dialog.getByLabel('Name').waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('input[data-path="name"]'));
    await page.keyboard.type('Grace');
    await page.keyboard.press('Tab');
    await page.keyboard.type(rig.server.author.email);
    await page.keyboard.press('Enter');
    await dialog.getByText('Is taken.').waitFor();
    await dialog.getByLabel('Email').fill('grace@example.com');
    await dialog.getByLabel('Role').selectOption('Viewer');
    await dialog.getByLabel('First password').fill('short');
    await page.keyboard.press('Enter');
    await dialog.getByText('Must have at least 8 characters.').waitFor();
    await dialog.getByLabel('First password').fill('a good password');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /Grace/u }).getByText('Viewer').waitFor();
    const body = { email: 'grace@example.com', password: 'a good password' };
    assert.equal((await rig.server.nobody.call(sessionEndpoints.create, { body })).person.role, 'viewer');
    tab.forgive(/status of 409/u);
  });

  it('are found, changed, and get a new password', async () => {
    const person = await rig.server.addPerson('viewer');
    const tab = await open();
    const { page } = tab;
    await page.getByRole('searchbox', { name: 'Search people' }).fill(person.email);
    await page.getByRole('row', { name: /first@example/u }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'What can be done with The viewer' }).click();
    await page.getByRole('menuitem', { name: 'Change', exact: true }).click();
    const change = page.getByRole('dialog', { name: 'Change The viewer' });
    await change.getByLabel('Name').fill('Ada');
    await change.getByLabel('Role').selectOption('Author');
    await change.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Ada/u }).getByText('Author').waitFor();
    await page.getByRole('button', { name: 'What can be done with Ada' }).click();
    await page.getByRole('menuitem', { name: 'Reset the password' }).click();
    const reset = page.getByRole('dialog', { name: 'Reset the password of Ada?' });
    await reset.getByLabel('New password').fill('quite another one');
    await reset.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('Ada signs in with the new password from now on.').waitFor();
    const { email } = person;
    await rig.server.nobody.refused(sessionEndpoints.create, 401, {
      body: { email, password: testPassword },
    });
    await rig.server.nobody.call(sessionEndpoints.create, { body: { email, password: 'quite another one' } });
  });

  it('are removed after their things were given to somebody, which is asked and shown', async () => {
    const person = await rig.server.addPerson('author');
    const { id } = await person.call(flowEndpoints.create, { body: { name: 'Left behind' } });
    await person.call(scheduleEndpoints.create, { body: scheduleOf(id) });
    await person.call(flowEndpoints.create, { body: { name: 'Without a schedule' } });
    const tab = await open(`/settings/people?filter=${person.email}`);
    const { page } = tab;
    await page.getByRole('button', { name: 'What can be done with The author' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove The author?' });
    await dialog.getByText('Flow “Left behind”, with 1 schedule').waitFor();
    await dialog.getByText('Flow “Without a schedule”', { exact: true }).waitFor();
    await dialog.getByText('The schedule goes on, with the rights of the new owner.').waitFor();
    await dialog.getByText('access tokens: test').waitFor();
    await checkAxe(page, 'removal');
    await checkNarrow(page, 'removal');
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await dialog.getByText('Choose who gets them.').waitFor();
    const owner = dialog.getByLabel('New owner');
    const options = await owner.getByRole('option').allTextContents();
    assert.ok(!options.some((text) => text.includes(person.email) || text.includes(rig.server.viewer.email)));
    await owner.selectOption(`The author (${rig.server.author.email})`);
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await rig.server.administrator.refused(personEndpoints.get, 404, { params: { id: person.id } });
    const flow = await rig.server.author.call(flowEndpoints.get, { params: { id } });
    assert.equal(flow.name, 'Left behind');
    // What goes with a person is read again when people change: by then this one is gone.
    tab.forgive(/status of 404 .*\/removal/u);
  });

  it('always keep the last administrator, and say why', async () => {
    const { data } = await rig.server.administrator.call(personEndpoints.list, { query: { sort: 'role' } });
    const others = data.filter(
      ({ id, role }) => role === 'administrator' && id !== rig.server.administrator.id,
    );
    for (const { id } of others)
      await rig.server.administrator.call(personEndpoints.remove, { params: { id } });
    const tab = await open();
    const { page } = tab;
    await page.getByText('the last administrator').waitFor();
    await page.getByRole('button', { name: 'What can be done with The administrator' }).click();
    const remove = page.getByRole('menuitem', { name: 'Remove' });
    assert.equal(await remove.isDisabled(), true);
    await page.getByText('This is the last administrator: make somebody else').waitFor();
    await page.getByRole('menuitem', { name: 'Change', exact: true }).click();
    assert.equal(await page.getByRole('dialog').getByLabel('Role').isDisabled(), true);
  });
});
