// Uses CAPO's Swagger UI in Chromium as a newcomer would: comes from the landing
// page, authorises with a token, and walks the page's delivery of a file by hand,
// with what Swagger UI fills in from the examples and the ids that each step
// returns. The link that CAPO's page prints must open its operation here too.
//
//   node capo.mjs URL [FOLDER]
import assert from 'node:assert/strict';

import { authorize, execute, toTop, visit } from './chromium.mjs';

const CONTAINER = '62c7d159eb277e1b79161430'; // A1 of the demo data
const PRINTED_LINK = '#/project%20type%20Hoofdleiding/patch_project__projectId__bijlageassigned__bijlageAssignedId_';
const LINKED_PATH = '/project/{projectId}/bijlageassigned/{bijlageAssignedId}';

await visit('nl-NL', async (visitor) => {
  const page = await visitor.swaggerUI('capo');
  await authorize(page, { bearerAuth: ['demo-capo-aan-1'] });
  await toTop(page.locator('.scheme-container'));
  await visitor.shoot(page, 'documentation');

  const list = await execute(page, 'get', '/bijlageassigned');
  assert.ok(list.body.some(({ bijlageAssignedId }) => bijlageAssignedId === CONTAINER), 'A1 is in the answer');
  await toTop(list.operation.locator('.btn-group').first());
  await visitor.shoot(page, 'capo');

  const { body: file } = await execute(page, 'post', `${LINKED_PATH}/bijlage`, { status: 201 });
  await execute(page, 'put', '/upload/{token}', {
    parameters: { token: file.url.split('/').pop() },
    file: { name: 'tekening.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 tekening') },
  });
  await execute(page, 'patch', '/project/{projectId}/bijlage/{bijlageId}', { parameters: { bijlageId: file.bijlageId } });
  const { body: delivered } = await execute(page, 'patch', LINKED_PATH);
  assert.equal(delivered.status, 'done', 'the container is delivered');

  const linked = await visitor.swaggerUI('capo', PRINTED_LINK);
  const open = linked.locator('.opblock.is-open');
  await open.first().waitFor();
  assert.equal(await open.count(), 1, 'one operation is open');
  assert.equal(await open.locator('.opblock-summary-path').getAttribute('data-path'), LINKED_PATH, 'the linked operation');
  assert.equal((await open.locator('.opblock-summary-method').innerText()).trim(), 'PATCH', 'the linked method');
  console.log('browser: CAPO: authorised with Bearer, a file delivered, the printed link opens');
});
