// Uses VEMAP's Swagger UI in Chromium as a newcomer would: logs in with
// Authorize (Basic), authorises with the access token that comes back, and
// executes a call within the tenant. Fails on any error of the page.
//
//   node vemap.mjs URL [FOLDER]
//
// URL is the origin of a Loket with the demo data. FOLDER, when given, gets
// vemap.png.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';

// The pinned tools have their own folder.
const require = createRequire(new URL('../node/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const [origin, folder] = process.argv.slice(2);
if (!origin) {
  console.error('usage: node vemap.mjs URL [FOLDER]');
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'], // Chromium has no sandbox for root, which CI is
});
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'nl-NL' });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));

  await page.goto(`${origin}/api/vemap/documentation/`);
  await page.locator('.opblock').first().waitFor();
  assert.equal(await page.locator('.opblock').count(), 41, 'every operation is listed');
  assert.equal(await page.locator('.errors-wrapper').count(), 0, 'Swagger UI reports no error');

  await authorize(page, 'basic', ['manager@demo.example', 'Demo-Manager-1!']);
  const login = await execute(page, 'post', '/v1/authentication/login');
  const token = login.data.AuthenticationResult.AccessToken;
  const [tenant] = Object.keys(login.data.Tenants);
  const user = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).sub;

  await authorize(page, 'accessToken', [token]);
  const projects = await execute(page, 'get', '/v1/{tenant_id}/projects', { tenant_id: tenant, 'x-user-id': user, 'x-user-role': 'ROLE_MANAGER' });
  assert.equal(projects.data[0].name, 'Project Alpha', 'the demo project is in the answer');
  if (folder) {
    await page.screenshot({ path: path.join(folder, 'vemap.png') });
  }
  assert.deepEqual(faults, [], 'faults that a visitor would meet');
  console.log('browser: VEMAP logged in through Authorize, and listed the projects of its tenant');
} finally {
  await browser.close();
}

// authorize fills in one scheme of the dialog.
async function authorize(page, scheme, values) {
  await page.locator('.auth-wrapper .btn.authorize').first().click();
  const dialog = page.locator('.dialog-ux');
  const form = dialog.locator('.auth-container', { has: page.locator(`h4 code:text-is("${scheme}")`) });
  for (const [i, value] of values.entries()) {
    await form.locator('input').nth(i).fill(value);
  }
  await form.locator('button[type=submit]').click();
  await form.locator('.btn:text-is("Logout")').waitFor();
  await dialog.locator('.close-modal').click();
  await dialog.waitFor({ state: 'detached' });
}

// execute opens an operation, fills its parameters, and gives its answer.
async function execute(page, method, apiPath, parameters = {}) {
  const operation = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${apiPath}"]`) });
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('.opblock-body').waitFor();
  if ((await operation.locator('.execute').count()) === 0) {
    await operation.locator('.try-out__btn').click();
  }
  for (const [name, value] of Object.entries(parameters)) {
    await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
  }
  const [response] = await Promise.all([
    page.waitForResponse((r) => r.url().includes('/api/vemap/v1/')),
    operation.locator('.execute').click(),
  ]);
  const live = operation.locator('.live-responses-table .response').first();
  await live.waitFor();
  assert.equal((await live.locator('.response-col_status').innerText()).trim().slice(0, 3), '200', `${method} ${apiPath}`);
  return response.json();
}
