// Opens Loket in Chromium as a newcomer would and fails on anything that one
// would see go wrong: operations that are not listed, an error on the console, a
// request to another host, a call of the delivery workflow that is not answered as it should be.
//
//   node swagger.mjs URL [FOLDER]
//
// URL is the origin of a Loket with the demo data. FOLDER, when given, gets
// landing.png, documentation.png and operation.png.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// The pinned tools have their own folder.
const require = createRequire(new URL('../node/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const TOKEN = 'demo-capo-aan-1';
const CONTAINER = '62c7d159eb277e1b79161430'; // A1 of the demo data
// The page of CAPO prints this link; it must open the operation here too.
const PRINTED_LINK = '#/project%20type%20Hoofdleiding/patch_project__projectId__bijlageassigned__bijlageAssignedId_';
const LINKED_PATH = '/project/{projectId}/bijlageassigned/{bijlageAssignedId}';

const [origin, folder] = process.argv.slice(2);
if (!origin) {
  console.error('usage: node swagger.mjs URL [FOLDER]');
  process.exit(2);
}
if (folder) {
  mkdirSync(folder, { recursive: true });
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'], // Chromium has no sandbox for root, which CI is
});
try {
  const faults = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'nl-NL' });
  context.setDefaultTimeout(20_000);
  context.on('page', (page) => watch(page, faults));

  await landing(await context.newPage());
  const documented = await operations(context);
  await documentation(await context.newPage(), documented);
  await printedLink(await context.newPage());

  assert.deepEqual(faults, [], 'faults that a visitor would meet');
  console.log(`browser: ${documented} operations listed, a file delivered through them, the printed link opens, nothing from elsewhere`);
} finally {
  await browser.close();
}

// watch notes what must not happen on any page.
function watch(page, faults) {
  page.on('console', (message) => {
    if (message.type() === 'error') {
      faults.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== new URL(origin).origin) {
      faults.push(`another host: ${request.url()}`);
    }
  });
}

async function shoot(page, name) {
  if (folder) {
    await page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}

async function toTop(locator) {
  await locator.evaluate((element) => element.scrollIntoView({ block: 'start' }));
}

// landing: the first page leads to the documentation.
async function landing(page) {
  const response = await page.goto(origin + '/');
  assert.equal(response.status(), 200, 'landing page');
  assert.match(await page.title(), /\S/, 'the landing page has a title');
  assert.ok(await page.locator('html[lang]').count(), 'the landing page names its language');
  assert.equal(await page.locator('h1').count(), 1, 'the landing page has one heading');
  await shoot(page, 'landing');
  await page.locator('a[href*="/api/capo/documentation/"]').first().click();
  await page.locator('.opblock').first().waitFor();
}

// operations counts what the served document has.
async function operations(context) {
  const response = await context.request.get(`${origin}/api/capo/documentation.json`);
  assert.equal(response.status(), 200, 'documentation.json');
  const { paths } = await response.json();
  const methods = new Set(['get', 'put', 'post', 'patch', 'delete']);
  return Object.values(paths).flatMap((item) => Object.keys(item).filter((key) => methods.has(key))).length;
}

// documentation: list, authorise, execute.
async function documentation(page, documented) {
  const response = await page.goto(`${origin}/api/capo/documentation/`);
  assert.equal(response.status(), 200, 'documentation page');
  await page.locator('.opblock').first().waitFor();
  assert.equal(await page.locator('.opblock').count(), documented, 'every operation is listed');
  assert.equal(await page.locator('.errors-wrapper').count(), 0, 'Swagger UI reports no error');
  await page.locator('.auth-wrapper .btn.authorize').first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.locator('input').first().fill(TOKEN);
  await dialog.locator('.auth-btn-wrapper button[type=submit]').first().click();
  await dialog.locator('.auth-btn-wrapper .btn-done').click();
  await dialog.waitFor({ state: 'detached' });
  await toTop(page.locator('.scheme-container'));
  await shoot(page, 'documentation');

  const list = await execute(page, 'get', '/bijlageassigned');
  assert.ok(list.body.some(({ bijlageAssignedId }) => bijlageAssignedId === CONTAINER), 'A1 is in the answer');
  await toTop(list.operation.locator('.btn-group').first());
  await shoot(page, 'operation');

  await delivery(page);
}

// delivery: the page's whole workflow by hand, with what Swagger UI fills in from
// the examples and the ids that each step returns.
async function delivery(page) {
  const container = '/project/{projectId}/bijlageassigned/{bijlageAssignedId}';
  const { body: file } = await execute(page, 'post', `${container}/bijlage`, {}, 201);
  await execute(page, 'put', '/upload/{token}', { token: file.url.split('/').pop() });
  await execute(page, 'patch', '/project/{projectId}/bijlage/{bijlageId}', { bijlageId: file.bijlageId });
  const { body: delivered } = await execute(page, 'patch', container);
  assert.equal(delivered.status, 'done', 'the container is delivered');
}

// execute opens an operation, fills parameters (and a file where one is asked
// for), executes it and gives its answer.
async function execute(page, method, apiPath, parameters = {}, status = 200) {
  const operation = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${apiPath}"]`) });
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('.opblock-body').waitFor();
  if ((await operation.locator('.execute').count()) === 0) {
    await operation.locator('.try-out__btn').click();
  }
  for (const [name, value] of Object.entries(parameters)) {
    await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
  }
  const file = operation.locator('input[type=file]');
  if ((await file.count()) > 0) {
    await file.setInputFiles({ name: 'tekening.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 tekening') });
  }
  await operation.locator('.execute').click();
  const live = operation.locator('.live-responses-table .response').first();
  await live.waitFor();
  const got = await live.locator('.response-col_status').innerText();
  const text = await live.locator('.response-col_description').innerText();
  assert.equal(Number.parseInt(got, 10), status, `${method} ${apiPath}: ${text}`);
  const json = live.locator('.response-col_description .highlight-code code').first();
  const body = (await json.count()) > 0 && /^[[{]/.test(await json.innerText()) ? JSON.parse(await json.innerText()) : undefined;
  return { operation, body };
}

// printedLink: the deep link of the page opens the status step.
async function printedLink(page) {
  await page.goto(`${origin}/api/capo/documentation/${PRINTED_LINK}`);
  const open = page.locator('.opblock.is-open');
  await open.first().waitFor();
  assert.equal(await open.count(), 1, 'one operation is open');
  assert.equal(await open.locator('.opblock-summary-path').getAttribute('data-path'), LINKED_PATH, 'the linked operation');
  assert.equal((await open.locator('.opblock-summary-method').innerText()).trim(), 'PATCH', 'the linked method');
}
