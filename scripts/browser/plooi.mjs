// Uses PLOOI's Swagger UI in Chromium as a newcomer would: fetches a token,
// authorises with it, delivers a document's metadata and its file, and reads
// both.
//
//   node plooi.mjs URL [FOLDER]
import assert from 'node:assert/strict';

import { authorize, execute, toTop, visit } from './chromium.mjs';

const API = '/overheid/openbaarmaken/api/v0';

await visit('nl-NL', async (visitor) => {
  const page = await visitor.swaggerUI('plooi');
  const { body: { access_token: token } } = await execute(page, 'get', '/token/test');
  await authorize(page, { bearerAuth: [token] });

  const made = await execute(page, 'post', `${API}/metadata`, { status: 201 });
  const parameters = { documentId: made.body.document.pid.split('/').pop() };
  await toTop(made.operation.locator('.live-responses-table'));
  await visitor.shoot(page, 'plooi');
  await execute(page, 'post', `${API}/documenten/{documentId}`, {
    status: 202, parameters, file: { name: 'besluit.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 besluit') },
  });
  await execute(page, 'get', `${API}/metadata/{documentId}`, { parameters });
  console.log('browser: PLOOI: fetched a token, delivered metadata and a file with it, and read them');
});
