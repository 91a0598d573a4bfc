// What the checks in this folder share: Chromium, a page that notes what must
// not happen on it, screenshots, axe-core, and the hands to use Swagger UI with.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// The pinned tools have their own folder.
const require = createRequire(new URL('../node/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');

// operations that an OpenAPI path item can hold.
const METHODS = new Set(['get', 'put', 'post', 'patch', 'delete', 'head', 'options']);

// visit gives `journey` a Visitor in a fresh Chromium; it fails with the journey
// and with any fault that was noted. The arguments of the command are the origin
// of a Loket with the demo data, and a folder for screenshots (or none).
export async function visit(locale, journey) {
  const [origin, folder] = process.argv.slice(2);
  if (!origin) {
    console.error(`usage: node ${path.basename(process.argv[1])} URL [FOLDER]`);
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
    // Swagger UI fades things in; axe-core would measure half a colour.
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale, reducedMotion: 'reduce' });
    context.setDefaultTimeout(60_000);
    const visitor = new Visitor(origin, folder, context);
    await journey(visitor);
    assert.deepEqual(visitor.faults, [], 'faults that a visitor would meet');
  } finally {
    await browser.close();
  }
}

class Visitor {
  constructor(origin, folder, context) {
    Object.assign(this, { origin, folder, context, faults: [] });
    context.on('page', (page) => this.#watch(page));
  }

  // #watch notes an error on the console, a script that fails, a request that
  // fails, and a request to another host.
  #watch(page) {
    const fault = (text) => this.faults.push(`${page.url()}: ${text}`);
    page.on('console', (message) => message.type() === 'error' && fault(`console: ${message.text()} (${message.location().url})`));
    page.on('pageerror', (error) => fault(`script: ${error.message}`));
    page.on('requestfailed', (request) => fault(`failed: ${request.url()} ${request.failure()?.errorText}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== this.origin) {
        fault(`another host: ${request.url()}`);
      }
    });
  }

  async shoot(page, name) {
    if (this.folder) {
      await page.screenshot({ path: path.join(this.folder, `${name}.png`) });
    }
  }

  // accessible notes what axe-core finds of severity serious or critical, in all
  // of the page or in the part that is given.
  async accessible(page, where, part = 'html') {
    const { violations } = await new AxeBuilder({ page }).include(part).options({ resultTypes: ['violations'] }).analyze();
    for (const { id, impact, help, nodes } of violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')) {
      const places = nodes.slice(0, 8).map(({ target, failureSummary }) => `\n    ${target.join(' ')}: ${failureSummary.split('\n').slice(1).join(' ').trim()}`);
      this.faults.push(`${where}: axe ${impact} ${id} (${help}), ${nodes.length} times:${places.join('')}`);
    }
  }

  // document is the API's document as it is served.
  async document(api) {
    const response = await this.context.request.get(`${this.origin}/api/${api}/documentation.json`);
    assert.equal(response.status(), 200, `documentation.json of ${api}`);
    return response.json();
  }

  // swaggerUI opens an API's Swagger UI and checks that it lists every operation.
  async swaggerUI(api, fragment = '') {
    const page = await this.context.newPage();
    const response = await page.goto(`${this.origin}/api/${api}/documentation/${fragment}`);
    assert.equal(response.status(), 200, `documentation of ${api}`);
    await page.locator('.opblock').first().waitFor();
    assert.equal(await page.locator('.opblock').count(), operations(await this.document(api)).length, 'every operation is listed');
    assert.equal(await page.locator('.errors-wrapper').count(), 0, 'Swagger UI reports no error');
    return page;
  }
}

// operations of a document: [{ method, path, operation }].
export function operations(document) {
  return Object.entries(document.paths).flatMap(([at, item]) =>
    Object.entries(item).filter(([key]) => METHODS.has(key)).map(([method, operation]) => ({ method, path: at, operation })));
}

export async function toTop(locator) {
  await locator.evaluate((element) => element.scrollIntoView({ block: 'start' }));
}

export async function openDialog(page) {
  await page.locator('.auth-wrapper .btn.authorize').first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.waitFor();
  return dialog;
}

export async function closeDialog(dialog) {
  await dialog.locator('.close-modal').click();
  await dialog.waitFor({ state: 'detached' });
}

// authorize fills in schemes of the dialog: { name: [value, …] }.
export async function authorize(page, schemes) {
  const dialog = await openDialog(page);
  for (const [scheme, values] of Object.entries(schemes)) {
    const form = dialog.locator('.auth-container', { has: page.locator(`h4 code:text-is("${scheme}")`) });
    for (const [i, value] of values.entries()) {
      await form.locator('input').nth(i).fill(value);
    }
    await form.locator('button[type=submit]').click();
    await form.locator('.btn:text-is("Logout")').waitFor();
  }
  await closeDialog(dialog);
}

// find is the block of an operation.
export function find(page, method, apiPath) {
  return page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${apiPath}"]`) });
}

// execute opens an operation, fills in parameters, the body and a file where
// one is asked for, executes it, and gives { operation, response, body }: body
// is parsed when it is JSON.
export async function execute(page, method, apiPath, { status = 200, parameters = {}, body, file, contentType } = {}) {
  const operation = find(page, method, apiPath);
  if (!(await operation.evaluate((element) => element.classList.contains('is-open')))) {
    await operation.locator('.opblock-summary-control').click();
  }
  await operation.locator('.opblock-body').waitFor();
  if ((await operation.locator('.execute').count()) === 0) {
    await operation.locator('.try-out__btn').click();
  }
  for (const [name, value] of Object.entries(parameters)) {
    await operation.locator(`tr[data-param-name="${name}"]`).locator('input, select, textarea').first().fill(value);
  }
  if (contentType) {
    await operation.locator('.opblock-section-request-body select.content-type').selectOption(contentType);
  }
  if (body !== undefined) {
    await operation.locator('textarea.body-param__text').fill(JSON.stringify(body));
  }
  if (file) {
    await operation.locator('input[type=file]').setInputFiles(file);
  }
  const [response] = await Promise.all([
    page.waitForResponse((r) => r.url().includes('/api/') && r.request().method() === method.toUpperCase()),
    operation.locator('.execute').click(),
  ]);
  const live = operation.locator('.live-responses-table .response').first();
  await live.waitFor();
  const text = await live.locator('.response-col_description').innerText();
  assert.equal(response.status(), status, `${method} ${apiPath}, ${response.url()}: ${text}`);
  assert.equal(Number.parseInt(await live.locator('.response-col_status').innerText(), 10), status, 'the status that is shown');
  assert.match(await operation.locator('.live-responses-table').innerText(), /\d+ ms/, 'the duration is shown');
  const isJSON = status !== 204 && /json/.test(response.headers()['content-type'] ?? '');
  return { operation, response, body: isJSON ? await response.json() : undefined };
}
