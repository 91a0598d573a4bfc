// Looks at the landing page and at both views of every document in Chromium:
// axe-core finds nothing serious on any of them (nor with an operation open, nor
// in the Authorize dialog), a link to an operation opens it, what one needs is
// reached by keyboard, and the reference lists and finds what the document has.
//
//   node views.mjs URL [FOLDER [API…]]
//
// With names of APIs only their views are looked at.
import assert from 'node:assert/strict';

import { closeDialog, openDialog, operations, toTop, visit } from './chromium.mjs';

await visit('nl-NL', async (visitor) => {
  const apis = await landing(visitor);
  assert.equal(apis.length, 5, 'the landing page leads to five APIs');
  const wanted = process.argv.slice(4);
  for (const api of wanted.length ? wanted : apis) {
    await documentation(visitor, api);
    await reference(visitor, api);
  }
  console.log(`browser: landing page and two views of ${(wanted.length ? wanted : apis).join(', ')}: accessible, linked, by keyboard, nothing from elsewhere`);
});

// landing gives the names of the APIs that the first page leads to.
async function landing(visitor) {
  const page = await visitor.context.newPage();
  const response = await page.goto(`${visitor.origin}/`);
  assert.equal(response.status(), 200, 'landing page');
  assert.match(await page.title(), /\S/, 'the landing page has a title');
  assert.ok(await page.locator('html[lang]').count(), 'the landing page names its language');
  assert.equal(await page.locator('h1').count(), 1, 'the landing page has one heading');
  await visitor.shoot(page, 'landing');
  await visitor.accessible(page, 'landing page');
  const links = await page.locator('a[href$="/documentation/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  const apis = links.map((href) => href.split('/')[2]);
  for (const api of apis) {
    assert.equal(await page.locator(`a[href="/api/${api}/reference/"]`).count(), 1, `the landing page leads to the reference of ${api}`);
  }
  await page.locator(`a[href="${links[0]}"]`).click();
  await page.locator('.opblock').first().waitFor();
  await page.close();
  return apis;
}

// documentation: Swagger UI of an API.
async function documentation(visitor, api) {
  const all = operations(await visitor.document(api));
  const { path, method, operation } = all.find(({ operation }) => operation.requestBody) ?? all[0];
  const tag = encodeURIComponent(operation.tags[0]);

  const page = await visitor.swaggerUI(api);
  await visitor.accessible(page, `${api}: Swagger UI`);
  const dialog = await openDialog(page);
  await visitor.accessible(page, `${api}: Authorize`, '.dialog-ux');
  await visitor.shoot(page, `${api}-authorize`);
  await closeDialog(dialog);
  await keyboard(page, api);
  await page.close();

  const linked = await visitor.swaggerUI(api, `#/${tag}/${operation.operationId}`);
  const open = linked.locator('.opblock.is-open');
  await open.locator('.execute').waitFor();
  assert.equal(await open.count(), 1, `${api}: one operation is open`);
  assert.equal(await open.locator('.opblock-summary-path').getAttribute('data-path'), path, `${api}: the linked operation`);
  assert.equal((await open.locator('.opblock-summary-method').innerText()).trim(), method.toUpperCase(), `${api}: the linked method`);
  assert.match(await open.innerText(), /x-origin\s+"(documented|decided)"/, `${api}: the operation's extensions are shown`);
  await visitor.accessible(linked, `${api}: ${operation.operationId} open`, '.opblock.is-open');
  await toTop(open);
  await visitor.shoot(linked, `${api}-operation`);
  await linked.close();
}

// keyboard: Tab reaches Authorize, Enter opens the dialog and Escape's place
// (its last button) closes it; Tab goes on to the first operation, Enter opens it.
async function keyboard(page, api) {
  await page.locator('.loket a').first().focus();
  await tabTo(page, '.btn.authorize', `${api}: Authorize`);
  await page.keyboard.press('Enter');
  await page.locator('.dialog-ux').waitFor();
  await tabTo(page, '.btn-done, .close-modal', `${api}: the dialog's way out`);
  await page.keyboard.press('Enter');
  await page.locator('.dialog-ux').waitFor({ state: 'detached' });
  await tabTo(page, '.opblock-summary-control', `${api}: an operation`);
  await page.keyboard.press('Enter');
  await page.locator('.opblock.is-open .opblock-body').waitFor();
  const focus = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(focus, 'none', `${api}: the focus is seen`);
}

async function tabTo(page, selector, what) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((s) => document.activeElement.matches(s), selector)) {
      return;
    }
  }
  assert.fail(`${what} is not reached by Tab`);
}

// reference: Redoc of an API.
async function reference(visitor, api) {
  const document = await visitor.document(api);
  const all = operations(document);
  const page = await visitor.context.newPage();
  const response = await page.goto(`${visitor.origin}/api/${api}/reference/`);
  assert.equal(response.status(), 200, `reference of ${api}`);
  await page.locator('[id^="operation/"]').nth(all.length - 1).waitFor({ state: 'attached' });
  assert.equal(await page.locator('[id^="operation/"]').count(), all.length, `${api}: the reference has every operation`);
  await visitor.accessible(page, `${api}: reference`);
  await visitor.shoot(page, `${api}-reference`);

  const { operation } = all[all.length - 1];
  await page.locator('input[type=text]').first().fill(operation.summary);
  const found = page.locator('[role=search] [role=menuitem], [data-role="search:results"] li').first();
  await found.waitFor();
  await visitor.shoot(page, `${api}-search`);
  await page.close();

  const linked = await visitor.context.newPage();
  await linked.goto(`${visitor.origin}/api/${api}/reference/#operation/${operation.operationId}`);
  await linked.locator(`[id="operation/${operation.operationId}"], [id$="/operation/${operation.operationId}"]`).first().waitFor();
  await linked.locator(`[id$="operation/${operation.operationId}"]`).first().scrollIntoViewIfNeeded();
  await visitor.shoot(linked, `${api}-reference-operation`);
  await linked.close();
}
