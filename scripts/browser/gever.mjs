// Uses GEVER's Swagger UI in Chromium as a newcomer would: logs in for a cookie
// and reads with it; authorises with Basic, reads the page's dossier (whose slashes
// Swagger UI escapes), creates one, and changes it.
//
//   node gever.mjs URL [FOLDER]
import assert from 'node:assert/strict';

import { authorize, execute, toTop, visit } from './chromium.mjs';

await visit('de-CH', async (visitor) => {
  const page = await visitor.swaggerUI('gever');
  await execute(page, 'post', '/@login', { body: { login: 'john.doe', password: 'Demo-Gever-1!', set_cookie: true } });
  await execute(page, 'get', '/');

  await authorize(page, { basicAuth: ['john.doe', 'Demo-Gever-1!'] });

  const dossier = await execute(page, 'get', '/{path}');
  assert.equal(dossier.body.title, 'Ein Geschäftsdossier', 'the page\'s dossier is read with the values filled in');
  await toTop(dossier.operation.locator('.live-responses-table'));
  await visitor.shoot(page, 'gever');
  const made = await execute(page, 'post', '/{path}', { status: 201, parameters: { path: 'ordnungssystem/fuehrung' } });
  assert.equal(made.body, null, 'POST answers null');
  assert.equal(made.response.headers().location, `${visitor.origin}/api/gever/ordnungssystem/fuehrung/dossier-24`, 'the page\'s own request makes the page\'s own dossier');
  await execute(page, 'patch', '/{path}', { status: 204, parameters: { path: 'ordnungssystem/fuehrung/dossier-24' } });
  console.log('browser: GEVER: read with the cookie of a login, authorised with Basic, read dossier-23, created and renamed dossier-24');
});
