// VEMAP: logins, users and tenants, a project with its closure, plan and files,
// mail. Most operations need the caller's id and role beside his token.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const USERS = {
  default: ['organisatie@demo.example', 'Demo-Organisatie-1!'],
  admin: ['admin@demo.example', 'Demo-Admin-1!'],
  manager: ['manager@demo.example', 'Demo-Manager-1!'],
  stakeholder: ['stakeholder@demo.example', 'Demo-Stakeholder-1!'],
};
const NEW = ['nieuw@demo.example', 'Demo-Tijdelijk-1!'];
const CHOSEN = 'Eigen-Keuze-456!';
const TOKENS = ['login', 'challenge', 'refresh', 'logout', 'forgotPassword', 'resetPassword'];

const basic = ([name, password]) => ({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` });
const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

// signIn gives the headers of a user, his refresh token and his tenant.
async function signIn(t, who) {
  const { json } = await t.call('login', { as: null, headers: basic(who) });
  const { AccessToken, RefreshToken } = json.data.AuthenticationResult;
  const [[tenant, [role]]] = Object.entries(json.data.Tenants);
  return { headers: { ...bearer(AccessToken), 'x-user-id': claims(AccessToken).sub, 'x-user-role': role }, refresh: RefreshToken, tenant };
}

export default {
  async arrive(t) {
    t.users = {};
    for (const [name, who] of Object.entries(USERS)) {
      const user = await signIn(t, who);
      t.users[name] = { ...user, id: user.headers['x-user-id'] };
      t.identities[name] = user.headers;
      t.tenant = user.tenant;
    }
    // of calls within the tenant, with its id filled in.
    t.within = (id, { path: more, ...rest } = {}) => t.call(id, { path: { tenant_id: t.tenant, ...more }, ...rest });
  },

  async journey(t) {
    await sessions(t);
    await people(t);
    const project = await projects(t);
    const closure = await closures(t, project);
    await files(t, project, closure);
    await mail(t, project, closure);
  },

  specmatic: {
    accepted: [
      { operations: ['upload', 'download'], answered: 403, why: 'the signature is made up' },
      { operations: ['download'], answered: 200, match: /expected \*\/\* but response contained/, why: 'Specmatic takes */* by the letter' },
      {
        operations: ['createUser', 'updateUser', 'createTenant', 'createProject', 'updateProject', 'createClosure', 'addStakeholders', 'createComment', 'sendMail', 'createMailRecipients', 'createTemplate'],
        answered: 400,
        why: 'what a schema cannot say: ids of the tenant, dates in their order, passwords, blocks of a template, no NUL in a text',
      },
      { operations: ['createUser', 'createTenant', 'createTemplate', 'createFile', 'updateFile', 'deleteFile'], answered: 409, why: 'a name is taken once, a version rises, a final file stays' },
      { operations: ['createUser', 'updateUser'], answered: 403, why: 'nobody gives a role that he does not have' },
      { operations: ['createClosure', 'createFile'], answered: 404, why: 'the project or the closure of the body is made up' },
      {
        operations: ['updateUser', 'deleteUser', 'deleteTenant', 'deleteProjectRecipient', 'deleteMailRecipient', 'removeStakeholder', 'getFile', 'updateFile', 'deleteFile', 'upload', 'download'],
        answered: 404,
        why: 'the example names what the journey has deleted',
      },
      { operations: ['challenge', 'logout', 'refresh', 'login'], answered: 401, why: 'a session is used once, and one token serves one operation' },
      { operations: ['sendMail'], answered: 404, sometimes: true, match: /Template not found/, why: 'the template is made up' },
    ],
    security: (t) => Object.fromEntries(['session', 'refreshToken', 'accessToken'].map((name) => [name, { type: 'bearer', token: t.identities.manager.Authorization.slice('Bearer '.length) }]).concat([['basic', { type: 'basicAuth', token: basic(USERS.manager).Authorization.slice('Basic '.length) }]])),
  },

  fuzz: {
    names: {
      tenant_id: 'tenant', target_tenant_id: 'tenant', user_id: 'user', managers: 'user', stakeholder_id: 'user', managers: 'user', stakeholders: 'user', project_id: 'project', projectId: 'project', created_by_user_id: 'user', managers: 'user',
      closure_id: 'closure', closureId: 'closure', file_id: 'file', vkmPlanId: 'file', recipient_id: 'recipient', templateId: 'template', template_id: 'templateName', id: 'user', managers: 'user', password: 'password', tempPassword: 'password', newPassword: 'password', templateData: 'templateData', version: 'version',
    },
    as: Object.fromEntries(['getTenants', 'createTenant', 'deleteTenant'].map((id) => [id, ['admin']])),
    skip: Object.fromEntries(TOKENS.filter((id) => id !== 'login').map((id) => [id, 'it takes a token or code that is used once, which the journey has'])),
    formats: () => ({
      'date-mdy': ['01-15-2024', '06-30-2024', '12-31-2024', '02-29-2024'],
      'file-name': ['plan.pdf', 'plan-2.pdf', 'foto.png'],
    }),
    async pools(t) {
      const users = await t.within('getUsers');
      const projects = await t.within('getProjects');
      const templates = await t.within('getTemplates');
      const pools = { tenant: [t.tenant], user: users.json.data.users.map(({ id }) => id), project: projects.json.data.map((one) => one.project_id), closure: [], file: [], recipient: [] };
      for (const project_id of pools.project) {
        const found = await t.within('getClosures', { path: { project_id } });
        pools.closure.push(...allOf(found.json, 'closure_id'), ...allOf(found.json, 'id'));
      }
      pools.password = [CHOSEN];
      pools.templateData = [t.document.example('createTemplate').templateData];
      pools.version = Array.from({ length: 30 }, (_, i) => 1 + i / 10);
      pools.template = templates.json.data.map(({ id }) => id);
      pools.templateName = templates.json.data.map(({ name }) => name);
      return pools;
    },
    harvest: (_, json) => ({ file: allOf(json, 'file_id'), closure: allOf(json, 'closure_id'), project: allOf(json, 'project_id') }),
    rules: [
      { match: /is no user of this tenant|is no vkm-plan of this closure/, why: 'an id must be of the tenant, a comment belongs to a plan' },
      { match: /before|after|within|period/i, why: 'the order of dates, and a closure lies within its project' },
      { match: /has no role that manages projects|must be the user of x-user-id|may not/, why: 'who may manage a project, and who makes it' },
      { operations: ['createFile'], match: /must be given when isCurrentVersion is false/, why: 'an old version says which' },
      { match: /must be \\"(date-mdy|file-name)\\"/, why: 'formats of this API, which Prism does not know' },
      { match: /EmailLayout/, why: 'templateData is a tree of blocks with one root' },
    ],
  },

  refusals: {
    bodyLimit: 1 << 20,
    attempts(status, sample, t) {
      const { operation, headers = {} } = sample;
      if (!operation.path.includes('{tenant_id}')) {
        return [];
      }
      const sent = (more, at) => ({ ...sample, headers: { ...headers, ...more }, path: { ...sample.path, ...at } });
      switch (status) {
        case 400: // without his id
          return [sent({ 'x-user-id': undefined })];
        case 403: // a role that he does not have
          return [sent({ 'x-user-role': 'ROLE_BAAS' })];
        case 404: // a tenant that nobody has, which only a platform's administrator gets to hear
          return [sent(t.identities.admin, { tenant_id: 'tenant-onbekend' })];
        default:
          return [];
      }
    },
  },
};

async function sessions(t) {
  await t.call('login', { as: null, expect: 401 });
  const challenged = await t.call('login', { as: null, headers: basic(NEW), expect: 302 });
  const session = bearer(challenged.json.data.Session);
  const answer = { challengeName: 'NEW_PASSWORD_REQUIRED', username: NEW[0], newPassword: CHOSEN };
  await t.call('challenge', { as: null, headers: session, body: { ...answer, newPassword: 'zwak' }, expect: 400 });
  await t.call('challenge', { as: null, headers: session, body: answer });
  const user = await signIn(t, [NEW[0], CHOSEN]);
  await t.call('refresh', { as: null, headers: bearer(user.refresh) });
  await t.call('logout', { as: null, headers: { ...user.headers, Accept: 'model/vrml' }, expect: 406 });
  await t.call('logout', { as: null, headers: user.headers });
  await t.call('refresh', { as: null, headers: bearer(user.refresh), expect: 401 });

  await t.call('forgotPassword', { body: { username: NEW[0] } });
  const code = await mailedCode(NEW[0]);
  const reset = { username: NEW[0], confirmationCode: code, password: 'Weer-Een-Ander-789!' };
  await t.call('resetPassword', { body: { ...reset, password: 'zwak' }, expect: 400 });
  await t.call('resetPassword', { body: reset });
  await t.call('resetPassword', { body: reset, expect: 400 });
}

// mailedCode waits for the worker that writes mail into the data folder.
async function mailedCode(address) {
  const folder = path.join(process.env.LOKET_DEMO_DATA, 'mail');
  for (let tries = 0; tries < 200; tries++) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => one.endsWith('.eml'))) {
      const text = await readFile(path.join(folder, name), 'utf8');
      const code = text.includes(`<${address}>`) && text.match(/\bcode is (\d{6})\b/)?.[1];
      if (code) {
        return code;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no code was mailed to ${address}`);
}

async function people(t) {
  await t.within('getUsers');
  const body = { ...t.document.example('createUser'), email: 'een@contract.example' };
  await t.within('createUser', { body });
  await t.within('createUser', { body, expect: 409 });
  const { json } = await t.within('getUsers');
  const { id: user_id } = json.data.users.find(({ email }) => email === body.email);
  await t.within('updateUser', { path: { user_id }, body: { name: 'Een Ander' } });
  await t.within('updateUser', { path: { user_id }, body: { email: USERS.manager[0] }, expect: 409 });
  await t.within('updateUser', { path: { user_id: t.users.admin.id }, body: { name: 'Ander' }, expect: 403 });
  await t.within('deleteUser', { path: { user_id: t.users.manager.id }, expect: 409 });
  await t.within('deleteUser', { path: { user_id } });
  await t.within('deleteUser', { path: { user_id }, expect: 404 });

  const tenant = { ...t.document.example('createTenant'), contactEmail: 'baas@contract.example' };
  const made = await t.within('createTenant', { as: 'admin', body: tenant });
  await t.within('createTenant', { as: 'admin', body: tenant, expect: 409 });
  await t.within('getTenants', { as: 'admin' });
  await t.within('deleteTenant', { as: 'admin', path: { target_tenant_id: t.tenant }, expect: 409 });
  await t.within('deleteTenant', { as: 'admin', path: { target_tenant_id: 'tenant-onbekend' }, expect: 404 });
  await t.within('deleteTenant', { path: { target_tenant_id: t.tenant }, expect: 403 });
  await t.within('deleteTenant', { as: 'admin', path: { target_tenant_id: made.json.data.tenant.id } });
}

async function projects(t) {
  const body = t.document.example('createProject');
  Object.assign(body, { tenant_id: t.tenant, created_by_user_id: t.users.manager.id, managers: [{ id: t.users.manager.id, name: 'Demo Manager' }] });
  const made = await t.within('createProject', { as: 'manager', body });
  const at = { as: 'manager', path: { project_id: made.json.data.project_id } };
  await t.within('getProjects', { as: 'manager' });
  await t.within('updateProject', { ...at, body: { managers: [t.users.manager.id] } });
  await t.within('createProjectRecipients', { ...at, body: t.document.example('createProjectRecipients') });
  const { json } = await t.within('getProjectRecipients', at);
  const recipient = firstId(json.data);
  await t.within('deleteProjectRecipient', { as: 'manager', path: { ...at.path, recipient_id: recipient } });
  await t.within('getClosureReferences', at);
  return at.path.project_id;
}

async function closures(t, projectId) {
  const at = { as: 'manager', path: { project_id: projectId } };
  const body = { ...t.document.example('createClosure'), projectId, stakeholders: [] };
  const made = await t.within('createClosure', { as: 'manager', body });
  await t.within('createClosure', { as: 'stakeholder', body, expect: 403 });
  await t.within('getClosures', at);
  const closure_id = firstId(made.json.data, 'closure_id');
  const closure = { as: 'manager', path: { closure_id } };
  await t.within('getClosure', closure);
  await t.within('addStakeholders', { ...closure, body: { stakeholders: [t.users.stakeholder.id] } });
  await t.within('getStakeholderClosures', { as: 'stakeholder', path: { user_id: t.users.stakeholder.id } });
  await t.within('getEvents', closure);
  return closure_id;
}

async function files(t, projectId, closureId) {
  const closure = { as: 'manager', path: { closure_id: closureId } };
  const bytes = Buffer.from('%PDF-1.7 plan');
  const body = { ...t.document.example('createFile'), projectId, closureId, size: bytes.length, type: 'vkm-plan', name: 'plan.pdf' };
  const made = await t.within('createFile', { as: 'manager', body });
  await t.within('createFile', { as: 'manager', body: { ...body, status: 'final', name: 'meteen.pdf', version: 1.5 }, expect: 409 });
  const file_id = firstId(made.json.data, 'file_id');
  const file = { as: 'manager', path: { file_id } };
  const upload = signed(made.json.data);
  const put = (more) => t.call('upload', { ...upload, type: 'application/pdf', body: bytes, ...more });
  await put({ type: 'image/png', expect: 415 });
  await put({ body: bytes.subarray(1), expect: 400 });
  await put({ query: { ...upload.query, signature: 'x' }, expect: 403 });
  await put({ headers: { Accept: 'model/vrml' }, expect: 406 });
  await put({ body: Buffer.alloc((100 << 20) + 1), straight: true, expect: 413 });
  await put();
  await put({ expect: 409 });
  await t.within('getFiles', { ...closure, query: { type: 'vkm-plan' } });
  const seen = await t.within('getFile', { ...file, query: { action: 'download' } });
  const download = signed(seen.json.data);
  await t.call('download', download);
  await t.call('download', { ...download, query: { ...download.query, signature: 'x' }, expect: 403 });
  await t.call('download', { ...download, query: {}, expect: 400 });
  await t.within('updateFile', { ...file, body: { metadata: { description: 'Bijgewerkt' } } });
  await t.within('createComment', { ...closure, body: { ...t.document.example('createComment'), vkmPlanId: file_id, projectId } });
  await t.within('getComments', { ...closure, query: { limit: 5, sort_order: 'asc' } });
  await t.within('removeStakeholder', { as: 'manager', path: { closure_id: closureId, stakeholder_id: t.users.stakeholder.id } });
  await t.within('updateFile', { ...file, body: { status: 'final' } });
  await t.within('updateFile', { ...file, body: { name: 'ander.pdf' }, expect: 409 });
  await t.within('deleteFile', { ...file, expect: 409 });

  const gone = await t.within('createFile', { as: 'manager', body: { ...body, type: 'support', name: 'weg.pdf' } });
  const address = signed(gone.json.data);
  await t.call('upload', { ...address, type: 'application/pdf', body: bytes });
  const path = { file_id: firstId(gone.json.data, 'file_id') };
  const seenGone = await t.within('getFile', { as: 'manager', path });
  await t.within('deleteFile', { as: 'manager', path });
  await t.call('upload', { ...address, type: 'application/pdf', body: bytes, expect: 404 });
  await t.call('download', { ...signed(seenGone.json.data), expect: 404 });
}

async function mail(t, project_id, closure_id) {
  const templates = await t.within('getTemplates', { as: 'manager' });
  const body = { ...t.document.example('createTemplate'), templateName: 'contract' };
  await t.within('createTemplate', { as: 'manager', body });
  await t.within('createTemplate', { as: 'manager', body, expect: 409 });
  const send = { ...t.document.example('sendMail'), templateId: templates.json.data[0].id };
  await t.within('sendMail', { as: 'manager', path: { closure_id }, body: send });
  const made = await t.within('createMailRecipients', { as: 'manager', path: { project_id }, query: { closure_id }, body: t.document.example('createMailRecipients') });
  await t.within('deleteMailRecipient', { as: 'manager', path: { project_id, closure_id, recipient_id: made.json.recipients[0].id } });
}

// signed takes an address that Loket handed out apart: path and query.
function signed(data) {
  const address = JSON.stringify(data).match(/https?:\/\/[^"]+\/(?:upload|download)\/[^"]+/)[0];
  const url = new URL(address);
  return { path: { file_id: decodeURIComponent(url.pathname.split('/').pop()) }, query: Object.fromEntries(url.searchParams) };
}

// allOf lists all ids of a name in an answer.
function allOf(data, name) {
  return [...JSON.stringify(data).matchAll(new RegExp(`"${name}":"([^"]+)"`, 'g'))].map(([, id]) => id);
}

// firstId finds the first id in an answer, by its name or else "id".
function firstId(data, name = 'id') {
  if (data === null || typeof data !== 'object') {
    return undefined;
  }
  return data[name] ?? data.id ?? Object.values(data).map((one) => firstId(one, name)).find(Boolean);
}
