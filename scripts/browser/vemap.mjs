// Uses VEMAP's Swagger UI in Chromium as a newcomer would: logs in with
// Authorize (Basic), authorises with the access token that comes back, lists the
// projects of the tenant and makes another.
//
//   node vemap.mjs URL [FOLDER]
import assert from 'node:assert/strict';

import { authorize, execute, toTop, visit } from './chromium.mjs';

await visit('nl-NL', async (visitor) => {
  const page = await visitor.swaggerUI('vemap');
  await authorize(page, { basic: ['manager@demo.example', 'Demo-Manager-1!'] });
  const { body: login } = await execute(page, 'post', '/v1/authentication/login');
  const token = login.data.AuthenticationResult.AccessToken;
  const [tenant] = Object.keys(login.data.Tenants);
  const user = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).sub;

  await authorize(page, { accessToken: [token] });
  const parameters = { tenant_id: tenant, 'x-user-id': user, 'x-user-role': 'ROLE_MANAGER' };
  const projects = await execute(page, 'get', '/v1/{tenant_id}/projects', { parameters });
  assert.equal(projects.body.data[0].name, 'Project Alpha', 'the demo project is in the answer');
  await toTop(projects.operation.locator('.live-responses-table'));
  await visitor.shoot(page, 'vemap');
  await execute(page, 'post', '/v1/{tenant_id}/projects', { parameters, status: 201 });
  console.log('browser: VEMAP: logged in with Basic, listed the projects of its tenant with the token, and made one');
});
