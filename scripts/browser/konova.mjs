// Uses Konova's Swagger UI in Chromium as a newcomer would: authorises with the
// two headers of the page, reads the register and enters an intervention.
//
//   node konova.mjs URL [FOLDER]
import assert from 'node:assert/strict';

import { authorize, execute, toTop, visit } from './chromium.mjs';

await visit('de-DE', async (visitor) => {
  const page = await visitor.swaggerUI('konova');
  await authorize(page, { Ksptoken: ['demo-ksp-token'], Kspuser: ['demo'] });

  const list = await execute(page, 'get', '/api/v1/intervention');
  assert.ok(Object.keys(list.body.results ?? list.body.features).length > 0, 'the register has entries');
  await toTop(list.operation.locator('.live-responses-table'));
  await visitor.shoot(page, 'konova');
  const made = await execute(page, 'post', '/api/v1/intervention', { status: 201 });
  assert.match(made.body.id, /^[0-9a-f-]{36}$/, 'the new entry has an id');
  console.log('browser: Konova: authorised with two headers, read the register, entered an intervention');
});
