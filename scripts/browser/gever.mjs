// Uses GEVER's Swagger UI in Chromium as a newcomer would: authorises with
// Basic, reads the page's dossier (whose slashes Swagger UI escapes), creates
// one, and changes it. Fails on any error of the page.
//
//   node gever.mjs URL [FOLDER]
//
// URL is the origin of a Loket with the demo data. FOLDER, when given, gets
// gever.png.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';

// The pinned tools have their own folder.
const require = createRequire(new URL('../node/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const [origin, folder] = process.argv.slice(2);
if (!origin) {
  console.error('usage: node gever.mjs URL [FOLDER]');
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'], // Chromium has no sandbox for root, which CI is
});
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'de-CH' });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));

  await page.goto(`${origin}/api/gever/documentation/`);
  await page.locator('.opblock').first().waitFor();
  assert.equal(await page.locator('.opblock').count(), 41, 'every operation is listed');
  assert.equal(await page.locator('.errors-wrapper').count(), 0, 'Swagger UI reports no error');
  await authorize(page);

  const dossier = await execute(page, 'get', 200);
  assert.equal(dossier.body.title, 'Ein Geschäftsdossier', 'the page\'s dossier is read with the values filled in');
  await dossier.operation.locator('.live-responses-table').evaluate((element) => element.scrollIntoView({ block: 'start' }));
  if (folder) {
    await page.screenshot({ path: path.join(folder, 'gever.png') });
  }
  const made = await execute(page, 'post', 201, 'ordnungssystem/fuehrung');
  assert.equal(made.body, null, 'POST answers null');
  assert.equal(made.location, `${origin}/api/gever/ordnungssystem/fuehrung/dossier-24`, 'the page\'s own request makes the page\'s own dossier');
  await execute(page, 'patch', 204, 'ordnungssystem/fuehrung/dossier-24');

  assert.deepEqual(faults, [], 'faults that a visitor would meet');
  console.log('browser: GEVER authorised with Basic, read dossier-23, created and renamed dossier-24');
} finally {
  await browser.close();
}

async function authorize(page) {
  await page.locator('.auth-wrapper .btn.authorize').first().click();
  const dialog = page.locator('.dialog-ux');
  const form = dialog.locator('.auth-container', { has: page.locator('h4 code:text-is("basicAuth")') });
  await form.locator('input').nth(0).fill('john.doe');
  await form.locator('input').nth(1).fill('Demo-Gever-1!');
  await form.locator('button[type=submit]').click();
  await form.locator('.btn:text-is("Logout")').waitFor();
  await dialog.locator('.close-modal').click();
  await dialog.waitFor({ state: 'detached' });
}

// execute opens a verb on /{path}, fills in the path, and gives its answer.
async function execute(page, method, status, objectPath) {
  const operation = page.locator(`.opblock-${method}`, { has: page.locator('[data-path="/{path}"]') });
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('.opblock-body').waitFor();
  if ((await operation.locator('.execute').count()) === 0) {
    await operation.locator('.try-out__btn').click();
  }
  if (objectPath) {
    await operation.locator('tr[data-param-name="path"] input').fill(objectPath);
  }
  const [response] = await Promise.all([
    page.waitForResponse((r) => r.url().includes('/api/gever/ordnungssystem')),
    operation.locator('.execute').click(),
  ]);
  const live = operation.locator('.live-responses-table .response').first();
  await live.waitFor();
  const text = await live.locator('.response-col_description').innerText();
  assert.equal(response.status(), status, `${method} ${response.url()}: ${text}`);
  const body = status === 204 ? undefined : await response.json();
  return { operation, body, location: response.headers().location };
}
