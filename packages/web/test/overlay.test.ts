// Every menu, dialog and drawer, opened as a person does: axe finds nothing in it, light or dark, and it fits 360 pixels.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Page } from 'playwright-core';
import { environmentParameterEndpoints } from '@flowhook/contract/flow/flow-parameter';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { accessTokenEndpoints } from '@flowhook/contract/person/access-token';
import { until } from '../../server/test/wait.ts';
import { checkFloating, checkNarrow } from './look.ts';
import { describeInBrowser } from './rig.ts';
import { makeWorld } from './world.ts';

interface OverlayIds {
  readonly flow: number;
  readonly recipe: number;
  readonly output: number;
  readonly dataset: number;
  readonly task: number;
  readonly job: number;
  readonly delivery: number;
  readonly openJob: number;
}

/** A menu, or the file of a dialog; where it is; what is pressed there one after the other, by its name. */
type Row = readonly [
  what: string,
  address: (ids: OverlayIds) => string,
  presses: readonly (string | RegExp)[],
  as?: 'administrator',
];

const flowMenu = 'More actions of this flow';
const dialogs: readonly Row[] = [
  ['flows/flow-dialog', () => '/flows', ['New flow']],
  ['flow/rename-dialog', ({ flow }) => `/flows/${flow}`, [flowMenu, 'Rename']],
  ['flow/run-flow-dialog', ({ flow }) => `/flows/${flow}`, [flowMenu, 'Run all outputs']],
  ['flows/delete-flow-dialog', ({ flow }) => `/flows/${flow}`, [flowMenu, 'Delete the flow']],
  ['transfer/copy-dialog', ({ flow }) => `/flows/${flow}`, [flowMenu, 'Copy']],
  ['transfer/export-dialog', ({ flow }) => `/flows/${flow}`, [flowMenu, 'Export']],
  [
    'flow/dataset/add-dataset-dialog',
    ({ flow }) => `/flows/${flow}`,
    ['Add dataset', 'Add a file by its address'],
  ],
  [
    'flow/dataset/existing-dataset-dialog',
    ({ flow }) => `/flows/${flow}`,
    ['Add dataset', 'Add one that is there already'],
  ],
  ['flow/recipe/new-recipe-dialog', ({ flow }) => `/flows/${flow}`, ['Add recipe']],
  [
    'flow/recipe/remove-recipe-dialog',
    ({ flow, recipe }) => `/flows/${flow}?recipe=${recipe}`,
    ['Actions', /^Delete/u],
  ],
  [
    'parts/form/confirm-dialog',
    ({ flow, output }) => `/flows/${flow}?output=${output}`,
    ['Delete the output'],
  ],
  ['webhook-task/task-drawer', ({ flow }) => `/flows/${flow}?panel=webhooks`, ['Create webhook task']],
  [
    'webhook-task/decision-dialog',
    ({ flow }) => `/flows/${flow}?panel=webhooks`,
    [/What can be done with Tell/u, 'What it decided'],
  ],
  [
    'webhook-task/remove-task-dialog',
    ({ flow }) => `/flows/${flow}?panel=webhooks`,
    [/What can be done with Tell/u, 'Delete'],
  ],
  ['parameter/parameter-dialog', ({ flow }) => `/flows/${flow}/parameters`, ['New parameter']],
  ['parameter/remove-parameter-dialog', ({ flow }) => `/flows/${flow}/parameters`, ['Delete region']],
  ['sharing/add-person-dialog', ({ flow }) => `/flows/${flow}/sharing`, ['Add person']],
  [
    'sharing/hand-over-dialog',
    ({ flow }) => `/flows/${flow}/sharing`,
    [/What can be done with/u, 'Make owner'],
  ],
  ['sharing/take-dialog', ({ flow }) => `/flows/${flow}/sharing`, [/What can be done with/u, 'Remove']],
  ['jobs/cancel-job-dialog', ({ openJob }) => `/jobs/${openJob}`, ['Cancel the job']],
  ['deliveries/bulk-dialog', () => '/deliveries', [/^Select Delivery/u, 'Redeliver']],
  ['account/new-token-dialog', () => '/account/tokens', ['New token']],
  [
    'settings/new-environment-dialog',
    () => '/settings/environment',
    ['New environment parameter'],
    'administrator',
  ],
  [
    'settings/remove-environment-dialog',
    () => '/settings/environment',
    ['Delete env.stage'],
    'administrator',
  ],
  ['settings/people/person-dialog', () => '/settings/people', ['New person'], 'administrator'],
  [
    'settings/people/remove-person-dialog',
    () => '/settings/people',
    [/What can be done with The author/u, 'Remove'],
    'administrator',
  ],
  [
    'settings/people/reset-password-dialog',
    () => '/settings/people',
    [/What can be done with The author/u, 'Reset the password'],
    'administrator',
  ],
];

const menus: readonly Row[] = [
  ['of a flow', ({ flow }) => `/flows/${flow}`, [flowMenu]],
  ['of new datasets', ({ flow }) => `/flows/${flow}`, ['Add dataset']],
  ['of a recipe', ({ flow, recipe }) => `/flows/${flow}?recipe=${recipe}`, ['Actions']],
  [
    'of a webhook task',
    ({ flow }) => `/flows/${flow}?panel=webhooks`,
    [/What can be done with Tell the receiver/u],
  ],
  ['of a flow in the list', () => '/flows', ['What can be done with Orders']],
  ['of a person who sees a flow', ({ flow }) => `/flows/${flow}/sharing`, [/What can be done with/u]],
  ['of a person', () => '/settings/people', [/What can be done with The author/u], 'administrator'],
  ['of the account', () => '/', [/^Account of/u]],
];

/** Looked at where it can be reached: the session that ends, the delivery that waits. */
const elsewhere = ['parts/form/form-dialog', 'router/session-dialog', 'deliveries/cancel-dialog'];

async function makeOverlayWorld() {
  const world = await makeWorld();
  const { author, administrator, viewer } = world.server;
  const flow = { id: world.ids.flow };
  await author.call(flowPermissionEndpoints.give, {
    params: flow,
    body: { data: [{ personId: viewer.id, role: 'readOnly' }] },
  });
  await author.call(accessTokenEndpoints.create, { body: { description: 'nightly' } });
  await administrator.call(environmentParameterEndpoints.create, {
    body: { overrideKey: 'env.stage', value: 'test' },
  });
  const openJob = await author.call(externalJobEndpoints.create, { body: { flow, name: 'goes on' } });
  return { ...world, overlayIds: { ...world.ids, openJob: openJob.id } };
}

/** The buttons, menu items, links and boxes of this name; the first of them is pressed. */
async function press(page: Page, name: string | RegExp): Promise<void> {
  const options = typeof name === 'string' ? { name, exact: true } : { name };
  const found = (['menuitem', 'button', 'link', 'checkbox'] as const)
    .map((role) => page.getByRole(role, options))
    .reduce((one, other) => one.or(other));
  await found.first().click();
}

describeInBrowser('overlays', makeOverlayWorld, (rig) => {
  const openEach = (rows: readonly Row[], role: 'dialog' | 'menu') => {
    for (const [what, address, presses, as] of rows)
      it(`the ${role} ${what}`, async () => {
        const tab = await rig.tabOf(as === undefined ? rig.server.author : rig.server.administrator);
        const { page } = tab;
        await tab.goTo(address(rig.world.overlayIds));
        for (const name of presses) await press(page, name);
        const overlay = page.getByRole(role).filter({ visible: true }).last();
        await overlay.waitFor();
        await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
        await checkFloating(page, what);
        if (role === 'dialog') await checkNarrow(page, what);
        // A list of choices that is open within it takes the first.
        await until(async () => {
          await page.keyboard.press('Escape');
          return (await overlay.count()) === 0;
        }, 'it is closed');
      });
  };
  openEach(dialogs, 'dialog');
  openEach(menus, 'menu');

  it('are all there: each file of a dialog has its row', () => {
    const src = join(import.meta.dirname, '../src');
    const files = globSync('**/*-{dialog,drawer}.tsx', { cwd: src }).map((path) =>
      path.replace(/^pages\//u, '').replace(/\.tsx$/u, ''),
    );
    assert.deepEqual(files.toSorted(), [...dialogs.map(([file]) => file), ...elsewhere].toSorted());
  });
});
