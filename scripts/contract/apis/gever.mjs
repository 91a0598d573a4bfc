// GEVER: objects are made, read, changed and closed; a document is checked out,
// locked, replaced, checked in and reverted.
import { createSign } from 'node:crypto';
import { loket } from '../loket.mjs';

const FOLDER = 'ordnungssystem/fuehrung';
const DOSSIER = `${FOLDER}/dossier-23`;
const LARGEST = 1_000_000; // bytes of an uploaded file, as main.mjs sets it
const TYPE = 'opengever.dossier.businesscasedossier';

const RECHNUNGEN = 'ordnungssystem/finanzen/rechnungswesen';

const basic = (name, password) => ({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` });
const file = (filename, text) => ({ data: Buffer.from(text).toString('base64'), encoding: 'base64', filename, 'content-type': 'text/plain' });

// Operations of documents.
const DOCUMENT = ['download', 'downloadNamed', 'getVersion', 'listVersions', 'revert', 'checkout', 'checkin', 'cancelCheckout', 'trash', 'untrash'];

// Operations of those who work on a dossier together.
const TOGETHER = [
  'share', 'listResponses', 'addResponse', 'getResponse', 'patchResponse', 'deleteResponse', 'listParticipations', 'addParticipation', 'getParticipation',
  'patchParticipation', 'deleteParticipation', 'listJournal', 'addJournalEntry', 'patchJournalEntry', 'deleteJournalEntry', 'transferDossier',
];

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

const FINDING = ['searchSite', 'search', 'listSite', 'listObjects', 'solrSearchSite', 'solrSearch', 'solrSearchSiteBy', 'solrSearchBy'];

const bearer = (token) => ({ Authorization: `Bearer ${token}` });

export default {
  arrive(t) {
    t.identities = {
      default: basic('john.doe', 'Demo-Gever-1!'),
      peter: basic('peter.muster', 'Demo-Muster-1!'),
      jane: basic('jane.leser', 'Demo-Leser-1!'),
    };
    // make creates a child and gives its path below the API's base.
    t.make = async (path, body, more) => {
      const { headers } = await t.call('createObject', { path: { path }, body, ...more });
      return decodeURIComponent(headers.get('location').split('/api/gever/')[1]);
    };
  },

  async journey(t) {
    await t.call('login', { body: { login: 'john.doe', password: 'Demo-Gever-1!' } });
    await t.call('login', { body: { login: 'john.doe', password: 'falsch' }, expect: 401 });
    await tokens(t);
    await reading(t);
    await finding(t);
    await objects(t);
    await others(t);
    await documents(t);
    await moving(t);
    await uploads(t);
    await ownArea(t);
    await people(t);
    await together(t);
  },

  refusals: {
    outsiders: ['jane', 'peter'],
    unknown: { path: 'nichts', type: 'nichts', field: 'nichts', version: '999', transition: 'nichts', upload: '0'.repeat(32) },
    bodyLimit: 32 << 20,
  },

  specmatic: {
    accepted: [
      {
        operations: [
          'getObject', 'listTypes', 'getType', 'getSchema', 'getSchemaOf', 'getVocabulary', 'getVocabularyOf', 'getSource', 'getSourceOf', 'getWorkflow',
          'search', 'solrSearch', 'solrSearchBy', 'listObjects', 'getNavigation', 'getBreadcrumbs', 'getListingStats', 'getActions', 'getReferenceNumber', 'getMainDossier', 'getApprovals', 'getPredecessor', 'getSuccessors', 'getBulkTransitions', 'getLock', 'getWorkflowSchema', 'lock', 'refreshLock', 'unlock', 'listVersions', 'getVersion', 'getHistory', 'download', 'downloadNamed',
          'getSharing', 'getAllowedRolesAndPrincipals', 'listResponses', 'getResponse', 'listParticipations', 'getParticipation', 'listJournal',
        ],
        broken: true, answered: 200, match: /-> 4xx( with a request where REQUEST\.BODY contains only the mandatory keys)? has FAILED/, why: 'Specmatic sends a path of several segments unchanged where it means to break it',
      },
      { operations: ['addResponse'], broken: true, answered: 201, match: /-> 4xx/, why: 'Specmatic sends a path of several segments unchanged where it means to break it' },
      { operations: ['checkout', 'checkin', 'share', 'patchResponse', 'patchJournalEntry', 'patchPublicTrialStatus'], broken: true, answered: 204, match: /-> 4xx( with a request where REQUEST\.BODY contains only the mandatory keys)? has FAILED/, why: 'Specmatic sends a path of several segments unchanged where it means to break it' },
      { operations: ['downloadNamed'], broken: true, answered: 200, match: /PATH\.filename is mutated/, why: 'a file is served under whatever name one likes' },
      { operations: ['download', 'downloadNamed'], answered: 200, match: /expected \*\/\* but response contained/, why: 'Specmatic takes */* by the letter' },
      {
        operations: ['getQuerysource', 'getQuerysourceOf', 'getSiteQuerysource'], answered: 400, match: /Enumerating querysources is not supported|Please only search by/,
        why: 'a query source is searched or filtered, not listed; Specmatic sends neither or both',
      },
      { operations: FINDING, answered: 400, match: /Unknown (field|listing) |[Tt]he query |The value of |breadcrumbs come with at most/, why: 'fields, listings and queries are made up' },
      { operations: ['getNavigation', 'getSiteNavigation'], answered: 400, match: /could not be looked up/, why: 'the interface is made up' },
      { operations: ['getActor'], broken: true, answered: 200, match: /PATH\.actor/, why: 'an actor that nobody is has an answer of its own' },
      { operations: ['share', 'transferDossier'], answered: 400, match: /There is no user |Required input is missing/, why: 'users and groups are made up, or null' },
      { operations: ['addResponse', 'patchResponse'], answered: 400, match: /Property 'text' is required/, why: 'the page answers 400 where a comment has no text' },
      { operations: ['addParticipation', 'patchParticipation'], answered: 400, match: /Role '.*' does not exist|A list of roles is required|Required input is missing/, why: 'roles and people are made up, or null' },
      { operations: ['addJournalEntry', 'patchJournalEntry'], answered: 400, match: /Constraint not satisfied|Required input is missing|Could not resolve object for /, why: 'categories and documents are made up, comments are null' },
      { operations: ['login'], answered: 400, why: 'the page answers 400 where name or password is missing, and the document requires neither' },
      { operations: ['login'], answered: 401, why: 'the name or the password is made up' },
      { operations: ['portalLogin', 'casLogin'], answered: 400, why: 'a member is missing, and the document requires none' },
      { operations: ['portalLogin', 'casLogin'], answered: 401, why: 'the name, the password or the ticket is made up' },
      { operations: ['takeTransition'], answered: 400, why: 'the journey has closed the dossier: a transition starts from its state' },
      { operations: ['patchPublicTrialStatus'], answered: 400, match: /Constraint not satisfied|Required input is missing/, why: 'the status is made up, or null' },
      { operations: ['checkin', 'cancelCheckout'], answered: 403, why: 'what is not checked out cannot be checked in' },
      { operations: ['revert'], answered: 404, why: 'the version is made up' },
    ],
    skip: Object.fromEntries([
      ...['tusUpload', 'tusReplace'].flatMap((name) => ['Options', 'Create', 'Status', 'Append'].map((id) => [`${name}${id}`, 'the headers of tus are texts to the document, of which Specmatic makes up each'])),
      ['xhrUpload', 'Specmatic sends the file of a form without a name'],
      ['oauth2Token', 'a percent sign in the example of a form ends Specmatic'],
      ...['renewLogin', 'logout'].map((id) => [id, 'they take a token, and Specmatic comes with a password']),
      ['portalTicket', 'it takes a session in cookies, and Specmatic comes with a password'],
      ...['trash', 'untrash', 'deleteObject', 'deleteResponse', 'deleteParticipation', 'deleteJournalEntry', 'moveObjects', 'copyObjects'].map((id) => [id, 'once it is done, the example is elsewhere']),
      ...['createInSite', 'createObject', 'patchObject'].map((id) => [id, 'a choice of all types with hundreds of fields that may be null, of which Specmatic makes more variants than minutes can hold; the fuzzer draws from them']),
    ]),
    // The journey's last one is in peter's private folder.
    examples: async (t) => ({ checkout: { path: { path: await t.make(DOSSIER, { '@type': 'opengever.document.document', title: 'Zum Auschecken', file: file('x.txt', 'eins') }) } } }),
    security: () => ({ basicAuth: { type: 'basicAuth', token: Buffer.from('john.doe:Demo-Gever-1!').toString('base64') } }),
  },

  fuzz: {
    names: { path: 'path', type: 'type', field: 'field', transition: 'transition', '@type': 'type', filename: 'filename', responsible: 'user', issuer: 'user', id: 'id', name: 'listing', classification: 'classification', privacy_layer: 'privacy', public_trial: 'trial', archival_value: 'archival', custody_period: 'years', retention_period: 'years', version: 'version', deadline: 'day', data: 'data', task_type: 'task', login: 'login', username: 'login', password: 'password', service: 'service', actor: 'user', user: 'user', group: 'group', response_id: 'response', participant: 'participant', entry: 'entry', participant_id: 'user', roles: 'role', category: 'category', old_userid: 'user', new_userid: 'user', grant_type: 'grant', assertion: 'assertion' },
    last: ['takeTransition', 'unlock', 'lock', 'moveObjects'],
    skip: { xhrUpload: 'the fuzzer makes no forms' },
    async pools(t) {
      const text = await t.make(DOSSIER, { '@type': 'opengever.document.document', title: 'Text', file: file('x.txt', 'eins') });
      const draft = await t.make(DOSSIER, { '@type': 'opengever.document.document', title: 'Entwurf', file: file('x.txt', 'eins') });
      await t.call('checkout', { path: { path: draft } });
      const replaced = await begun(t, 'tusReplace', draft, LARGEST);
      const sent = await begun(t, 'tusUpload', DOSSIER, LARGEST);
      const people = await together(t);
      t.places = { [TYPE]: FOLDER, 'opengever.document.document': DOSSIER, 'opengever.task.task': DOSSIER, 'opengever.repository.repositoryfolder': 'ordnungssystem', ...(await others(t)) };
      const types = await t.call('listTypes', { path: { path: DOSSIER } });
      return {
        text: [text],
        together: [people.path],
        response: people.responses,
        participant: ['jane.leser'],
        entry: people.entries,
        role: ['regard', 'participation', 'final-drawing'],
        category: ['phone-call'],
        group: ['fd_users'],
        grant: [GRANT],
        assertion: [asserted(await serviceKey(t))],
        token: [await loggedIn(t)],
        ending: [await loggedIn(t), await loggedIn(t), await loggedIn(t)],
        checkedOut: [replaced.path.path],
        replace: [replaced.path.upload],
        upload: [sent.path.upload],
        listing: ['documents', 'dossiers', 'tasks', 'folder_contents'],
        session: [await atPortal(t)],
        service: [t.base],
        login: ['john.doe'],
        password: ['Demo-Gever-1!'],
        path: [text, DOSSIER, FOLDER, `${DOSSIER}/document-259`, `${DOSSIER}/document-260`, 'ordnungssystem', 'ordnungssystem/finanzen/rechnungswesen/dossier-21'],
        type: types.json.map((one) => one['@id'].split('/').pop()),
        field: ['classification', 'privacy_layer', 'archival_value', 'file', 'title', 'responsible'],
        transition: ['dossier-transition-resolve', 'dossier-transition-deactivate', 'dossier-transition-reactivate', 'dossier-transition-activate'],
        id: Array.from({ length: 60 }, (_, i) => `kind-${i}`),
        classification: ['unprotected', 'confidential', 'classified'],
        privacy: ['privacy_layer_no', 'privacy_layer_yes'],
        trial: ['unchecked', 'public', 'private'],
        archival: ['unchecked', 'prompt', 'archival worthy', 'not archival worthy'],
        years: [5, 10, 30],
        version: [0],
        day: ['2030-01-10'],
        data: [Buffer.from('inhalt').toString('base64')],
        task: ['direct-execution', 'information'],
        filename: ['a.txt', 'b.pdf', 'Grösse.md'],
        user: ['john.doe', 'peter.muster', 'fd:peter.muster'],
      };
    },
    harvest: (_, json) => ({ path: [json?.['@id']].filter((at) => at && !at.includes('@')).map((at) => decodeURIComponent(at.split('/api/gever/')[1]?.split('?')[0] ?? '')).filter(Boolean) }),
    // A type goes where it may be; other places are refused often enough.
    prepare(request, { pools, traveller: { places } }) {
      const { id } = request.operation;
      const sound = pools.path.includes(request.path.path);
      if (DOCUMENT.includes(id) && sound) {
        request.path = { ...request.path, path: pools.text[0] };
      }
      if (id.startsWith('tusReplace') && sound) {
        request.path = { path: pools.checkedOut[0], ...(request.path.upload && { upload: pools.replace[0] }) };
      }
      if (/^tusUpload(Status|Append)$/.test(id) && sound) {
        request.path = { path: DOSSIER, upload: pools.upload[0] };
      }
      if (TOGETHER.includes(id) && sound) {
        request.path = { ...request.path, path: pools.together[0] };
      }
      // Types and ids are here those of people.
      if (id === 'share' && Array.isArray(request.body?.entries)) {
        request.body.entries = request.body.entries.map((one) => (pools.id.includes(one?.id) ? { ...one, id: pools.user[0], type: 'user' } : one));
      }
      if ((id === 'renewLogin' || id === 'logout') && request.headers.Authorization?.startsWith('Basic ')) {
        Object.assign(request.headers, bearer(id === 'logout' ? (pools.ending.shift() ?? pools.token[0]) : pools.token[0]));
      }
      if (id === 'portalTicket' && request.headers.Authorization?.startsWith('Basic ')) {
        Object.assign(request.headers, pools.session[0]);
      }
      if (id === 'oauth2Token' && request.body?.constructor === Object) {
        request.body = new URLSearchParams(request.body).toString();
      }
      if (id.startsWith('tus')) {
        for (const [name, value] of Object.entries({ ...announced(4, 'x.txt'), ...part(0) })) {
          request.headers[name] ??= value;
        }
      }
      const place = request.operation.id === 'createObject' && places[request.body?.['@type']];
      if (place) {
        request.path = { ...request.path, path: place };
      }
    },
    rules: [
      { match: /Required input is missing/, why: 'what a type requires of its fields; null is no input' },
      { match: /Constraint not satisfied/, why: 'a value is one of its vocabulary' },
      { match: /Invalid transition/, why: 'a transition starts from the state that the object has' },
      { match: /"message":"no object|Could not resolve object for /, why: 'an object that is named must exist' },
      { operations: ['takeTransition'], match: /PreconditionsViolated/, why: 'a dossier is closed when everything in it is' },
      { operations: FINDING, match: /Unknown (field|listing) /, why: 'fields and listings have names of their own' },
      { operations: FINDING, match: /[Tt]he query |The direction of a sort is |The value of |breadcrumbs come with at most/, why: 'a query has a grammar, a field has values' },
      { operations: ['getSiteNavigation', 'getNavigation'], match: /The interface \\".* could not be looked up/, why: 'an interface that is named must exist' },
      { operations: ['getQuerysource', 'getQuerysourceOf', 'getSiteQuerysource'], match: /Enumerating querysources is not supported|Please only search by/, why: 'a query source is searched or filtered, not listed' },
      { operations: ['trash', 'untrash'], match: /Object is not trashable|[Tt]rash/, why: 'what can be trashed depends on what it is and on its state' },
      { operations: ['moveObjects', 'copyObjects'], match: /Property 'source' is required|'field': 'source'/, why: 'the page answers 400 where source is missing or names nothing' },
      { operations: ['tusUploadCreate', 'tusReplaceCreate', 'tusUploadAppend', 'tusReplaceAppend'], match: /Upload-(Length|Metadata|Offset) header|More bytes than/, why: 'headers of tus are texts to the document and numbers and pairs to the protocol' },
      { operations: ['getWorkflowSchemas'], match: /Missing transition/, why: 'the page without a transition only says that one is missing' },
      { operations: ['addResponse', 'patchResponse'], match: /Property 'text' is required/, why: 'the page answers 400 in words of its own where a comment has no text' },
      { operations: ['addParticipation', 'patchParticipation'], match: /A list of roles is required|Role '.*' does not exist/, why: 'who takes part does so as something, of three roles; null is none' },
      { operations: ['addParticipation'], match: /There is already a participation for| is no user, inbox or contact/, why: 'whoever exists takes part once' },
      { operations: ['transferDossier'], match: /There is no user |must be another than the old one/, why: 'a dossier goes from one user to another' },
      { operations: ['share'], match: /There is no user or group |Only containers can end|The dossier is protected|The role \\"[^"]*\\" (cannot be given here|must be true or false)/, why: 'who gets a role must exist, and so must the role; what has nothing below it inherits' },
      { operations: ['createInSite', 'createObject', 'patchObject'], match: /"The file is not an e-mail message\."/, why: 'the message of a mail is read' },
      { operations: ['patchObject'], match: /Object is of wrong type/, why: 'the document has the fields of all types, an object those of its own' },
      { operations: ['createObject', 'createInSite', 'patchObject'], match: /must be in ISO 8601|The start date must be before the end date/, why: 'a month has its days, and a meeting ends after it begins' },
      { operations: ['createInSite', 'createObject'], match: /The id \\"[^"]*\\" (is already in use|cannot be used)/, why: 'there is one private area, and in it one folder of each user' },
      { operations: ['oauth2Token'], match: /"error":"invalid_(request|grant)"/, why: 'what an assertion must say is not in the schema of a form' },
      { match: /(Login and password|Ticket and service|Service) must be provided/, why: 'the page answers 400 where one of both is missing' },
      { operations: ['portalTicket'], match: /Property 'service' must be /, why: 'a ticket is for this site, whose address is not in the schema' },
    ],
  },
};

async function reading(t) {
  const object = { path: { path: DOSSIER } };
  const typed = { path: { path: FOLDER, type: TYPE } };
  const named = { path: { path: DOSSIER, field: 'classification' } };
  const both = { path: { path: FOLDER, type: TYPE, field: 'classification' } };
  await t.call('getSite', { query: { include_items: 'true', b_size: 2 } });
  await t.call('listSiteTypes');
  await t.call('getSchemaOfSite');
  const query = { query: 'Muster' };
  await t.call('getSiteQuerysource', { path: { type: TYPE, field: 'responsible' }, query });
  await t.call('getQuerysource', { path: { path: DOSSIER, field: 'responsible' }, query });
  await t.call('getQuerysourceOf', { path: { path: FOLDER, type: TYPE, field: 'responsible' }, query });
  await t.call('getBulkTransitions', { path: { path: FOLDER } });
  await t.call('getLock', object);
  await t.call('getWorkflowSchema', { path: { path: DOSSIER, transition: 'dossier-transition-resolve' } });
  await t.call('getWorkflowSchemas', { ...object, expect: 400 });
  for (const id of ['getSiteType', 'getSiteSchema']) {
    await t.call(id, { path: { type: TYPE } });
  }
  for (const id of ['getSiteVocabulary', 'getSiteSource']) {
    await t.call(id, { path: { type: TYPE, field: 'classification' } });
  }
  await t.call('getObject', { ...object, query: { metadata_fields: ['title', 'created'] } });
  await t.call('getObject', { ...object, query: { fullobjects: '1' } });
  for (const id of ['listTypes', 'getSchema', 'getWorkflow']) {
    await t.call(id, object);
  }
  for (const id of ['getType', 'getSchemaOf']) {
    await t.call(id, typed);
  }
  for (const id of ['getVocabulary', 'getSource']) {
    await t.call(id, named);
  }
  for (const id of ['getVocabularyOf', 'getSourceOf']) {
    await t.call(id, both);
  }
}

async function objects(t) {
  await t.call('createInSite', { body: t.document.example('createInSite') });
  await t.call('createInSite', { body: { ...t.document.example('createInSite'), title: 'Drittes' }, headers: { Prefer: 'return=representation' } });
  const body = t.document.example('createObject', 'dossier');
  const path = await t.make(FOLDER, body);
  await t.make(path, t.document.example('createObject', 'aufgabe'), { headers: { Prefer: 'return=representation' } });
  await t.call('createObject', { path: { path: `${DOSSIER}/document-259` }, body, expect: 405 });
  await t.call('patchObject', { path: { path }, body: { title: 'Umbenannt' }, expect: 204 });
  await t.call('patchObject', { path: { path }, body: { title: 'Noch einmal' }, headers: { Prefer: 'return=representation' } });
  await t.call('patchObject', { path: { path }, body: { title: 'x' }, headers: { 'If-Match': '"anders"' }, expect: 412 });
  const closed = await t.make(FOLDER, { ...body, title: 'Zum Schliessen' });
  const transition = 'dossier-transition-resolve';
  await t.call('takeTransition', { path: { path: closed, transition }, body: { comment: 'Erledigt' } });
  await t.call('takeTransition', { path: { path: closed, transition }, body: {}, expect: 400 });
}

// others makes one of each of the other types, takes their transitions, and
// files what lies in an inbox; it gives where each type goes.
async function others(t) {
  const site = async (type, title) => decodeURIComponent((await t.call('createInSite', { body: { '@type': `opengever.${type}`, title } })).headers.get('location').split('/api/gever/')[1]);
  const into = (path, type, more) => t.make(path, { '@type': `opengever.${type}`, title: 'Umbau', ...more });
  const example = (name) => t.document.example('createObject', name);

  const contacts = await site('contact.contactfolder', 'Kontakte');
  const contact = await into(contacts, 'contact.contact', { lastname: 'Meier', firstname: 'Franz' });
  await t.call('createObject', { path: { path: contact }, body: example('pendenz'), expect: 405 });

  const workspaces = await site('workspace.root', 'Teamräume');
  const workspace = await into(workspaces, 'workspace.workspace');
  const folder = await into(workspace, 'workspace.folder');
  const list = await t.make(workspace, example('pendenzenliste'));
  const todo = await t.make(list, example('pendenz'));
  const meeting = await t.make(workspace, example('sitzung'));
  await t.make(meeting, { ...example('traktandum'), related_todo_list: `/${list}` });
  await t.call('createObject', { path: { path: workspace }, body: example('traktandum'), expect: 403 });
  for (const way of ['complete--active_completed', 'open--completed_active']) {
    await t.call('takeTransition', { path: { path: todo, transition: `opengever_workspace_todo--TRANSITION--${way}` }, body: {} });
  }
  await t.call('addResponse', { path: { path: todo }, body: t.document.example('addResponse') });
  await t.call('patchObject', { path: { path: meeting }, body: { end: '2026-03-09T12:00:00Z' }, expect: 400 });
  await t.call('patchObject', { path: { path: meeting }, body: { guests: ['Anna Muster', 'Franz Meier'] }, expect: 204 });
  await t.call('moveObjects', { path: { path: workspace }, body: { source: `/${todo}` } });
  await t.call('deleteObject', { path: { path: list }, expect: 403 });
  await t.call('trash', { path: { path: list } });
  await t.call('deleteObject', { path: { path: list } });
  for (const name of ['todos', 'todo_lists', 'workspace_meetings', 'workspaces', 'workspace_folders']) {
    await t.call('listObjects', { path: { path: workspaces }, query: { name } });
  }

  const container = await site('inbox.container', 'Eingangskörbe');
  const inbox = await into(container, 'inbox.inbox', { inbox_group: 'fd_users', responsible_org_unit: 'fd' });
  const year = await into(inbox, 'inbox.yearfolder', { title: '2026' });
  const forwarding = await t.make(inbox, { ...example('weiterleitung'), responsible: 'fd:john.doe' });
  await t.call('takeTransition', { path: { path: forwarding, transition: 'forwarding-transition-close' }, body: { text: 'Erledigt' } });
  await t.call('moveObjects', { path: { path: year }, body: { source: `/${forwarding}` } });
  const letter = await t.make(inbox, example('dokument'));
  await t.call('moveObjects', { path: { path: DOSSIER }, body: { source: `/${letter}` } });

  const templates = await site('dossier.templatefolder', 'Vorlagen');
  await into(templates, 'dossier.templatefolder');
  const template = await t.make(templates, example('dokument'));
  await t.call('getReferenceNumber', { path: { path: template } });
  await t.call('listSite', { query: { name: 'template_folders' } });
  await t.call('deleteObject', { path: { path: await t.make(templates, example('dokument')) } });

  return {
    'opengever.contact.contact': contacts, 'opengever.workspace.workspace': workspaces, 'opengever.workspace.folder': folder, 'opengever.workspace.todo': workspace,
    'opengever.workspace.todolist': workspace, 'opengever.workspace.meeting': workspace, 'opengever.workspace.meetingagendaitem': meeting, 'opengever.inbox.inbox': container,
    'opengever.inbox.forwarding': inbox, 'opengever.inbox.yearfolder': inbox, 'opengever.dossier.templatefolder': templates,
  };
}

async function documents(t) {
  const path = await t.make(DOSSIER, { '@type': 'opengever.document.document', title: 'Text', file: file('x.txt', 'eins') });
  const at = { path: { path } };
  const other = { ...at, as: 'peter', expect: 403 };
  await t.call('patchObject', { ...at, body: { file: file('x.txt', 'zwei') }, expect: 403 });
  await t.call('checkin', { ...at, body: {}, expect: 403 });
  await t.call('cancelCheckout', { ...at, expect: 403 });
  await t.call('checkout', at);
  await t.call('checkout', other);
  await t.call('lock', { ...at, body: { timeout: 600 } });
  await t.call('lock', { ...other, body: { timeout: 600 } });
  await t.call('refreshLock', { ...at, body: { timeout: 60 } });
  await t.call('refreshLock', { ...other, body: { timeout: 60 } });
  await t.call('patchPublicTrialStatus', { ...other, body: { public_trial: 'public' } });
  await t.call('patchObject', { ...at, body: { file: file('x.txt', 'zwei') }, expect: 204 });
  await t.call('unlock', { ...at, body: {} });
  await t.call('revert', { ...other, body: { version: 0 } });
  await t.call('checkin', { ...at, body: { comment: 'Zwei' } });
  await t.call('checkout', at);
  await t.call('cancelCheckout', at);
  await t.call('listVersions', at);
  await t.call('getVersion', { path: { path, version: 0 } });
  await t.call('getHistory', at);
  await t.call('revert', { ...at, body: { version: 0 } });
  await t.call('download', { path: { path, field: 'file' } });
  await t.call('downloadNamed', { path: { path, field: 'file', filename: 'Text.txt' } });
  await t.call('patchPublicTrialStatus', { ...at, body: { public_trial: 'public', public_trial_statement: 'Gefragt' } });
}

// finding looks for objects, in the site and below an object.
async function finding(t) {
  const places = [['Site', {}], ['', { path: { path: DOSSIER } }]];
  for (const [site, at] of places) {
    await t.call(`search${site}`, { ...at, query: { SearchableText: 'dokument', metadata_fields: ['title', 'created'], b_size: 2 } });
    await t.call(`search${site}`, { ...at, query: { sort_on: 'nichts' }, expect: 400 });
    await t.call(site ? 'listSite' : 'listObjects', { ...at, query: { name: 'documents', columns: ['title', 'review_state'], facets: ['review_state'] } });
    await t.call(`solrSearch${site}`, { ...at, query: { q: 'dokument', fl: 'UID,title', rows: 2 } });
    await t.call(`solrSearch${site}By`, { ...at, body: t.document.example('solrSearchBy') });
    for (const operation of ['Navigation', 'Breadcrumbs', 'ListingStats', 'Actions']) {
      await t.call(`get${site}${operation}`, at);
    }
  }
  await t.call('getReferenceNumber', { path: { path: DOSSIER } });
  await t.call('getMainDossier', { path: { path: DOSSIER } });
  await t.call('getPredecessor', { path: { path: `${RECHNUNGEN}/dossier-21/task-1` } });
  await t.call('getSuccessors', { path: { path: `${RECHNUNGEN}/dossier-21/task-1` } });
  await t.call('getApprovals', { path: { path: `${DOSSIER}/document-259` } });
}

// moving trashes, copies, moves and deletes; an old address leads on.
async function moving(t) {
  const body = { ...t.document.example('createObject', 'dossier'), title: 'Zum Verschieben' };
  const old = await t.make(FOLDER, body);
  const path = await t.make(old, { '@type': 'opengever.document.document', title: 'Text', file: file('x.txt', 'eins') });
  await t.call('trash', { path: { path } });
  await t.call('trash', { path: { path }, expect: 400 });
  await t.call('untrash', { path: { path: old }, expect: 400 });
  await t.call('untrash', { path: { path } });
  await t.call('deleteObject', { path: { path: old }, expect: 403 });
  for (const operation of ['copyObjects', 'moveObjects']) {
    await t.call(operation, { path: { path: FOLDER }, body: { source: `/${path}` }, expect: 403 });
  }
  await t.call('copyObjects', { path: { path: FOLDER }, body: { source: [`/${old}`] } });
  await t.call('copyObjects', { path: { path: FOLDER }, body: {}, expect: 400 });
  await t.call('moveObjects', { path: { path: RECHNUNGEN }, body: { source: `/${old}` } });
  await t.call('moveObjects', { path: { path: RECHNUNGEN }, body: {}, expect: 400 });
  // Prism's proxy would follow them.
  await t.call('getObject', { path: { path: old }, straight: true, expect: 301 });
  await t.call('getWorkflowSchemas', { path: { path: old }, straight: true, expect: 301 });
  await t.call('patchObject', { path: { path: old }, body: { title: 'x' }, straight: true, expect: 308 });
  await t.call('deleteObject', { path: { path: await t.make(FOLDER, body) } });
}

const TUS = { 'Tus-Resumable': '1.0.0' };
const announced = (length, filename) => ({ ...TUS, 'Upload-Length': length, 'Upload-Metadata': `filename ${Buffer.from(filename).toString('base64')}` });
const part = (offset) => ({ ...TUS, 'Upload-Offset': offset });

// uploads sends files in parts and as a form.
async function uploads(t) {
  const path = await t.make(FOLDER, { ...t.document.example('createObject', 'dossier'), title: 'Zum Hochladen' });
  await tus(t, 'tusUpload', path);
  const text = await t.make(path, { '@type': 'opengever.document.document', title: 'Text', file: file('x.txt', 'eins') });
  await t.call('tusReplaceCreate', { path: { path: text }, headers: announced(4, 'y.md'), expect: 403 });
  await t.call('checkout', { path: { path: text } });
  await tus(t, 'tusReplace', text);

  // Checked in before the last bytes: too late.
  const late = await begun(t, 'tusReplace', text);
  await t.call('checkin', { path: { path: text }, body: {} });
  await t.call('tusReplaceAppend', { ...late, headers: part(0), body: Buffer.from('vier'), expect: 403 });
  // Closed before the last bytes.
  const closed = await t.make(FOLDER, { ...t.document.example('createObject', 'dossier'), title: 'Zu' });
  const open = await begun(t, 'tusUpload', closed);
  await t.call('takeTransition', { path: { path: closed, transition: 'dossier-transition-resolve' }, body: {} });
  await t.call('tusUploadAppend', { ...open, headers: part(0), body: Buffer.from('vier'), expect: 403 });

  const sent = (bytes) => ({ path: { path }, ...form('Brief.txt', bytes) });
  await t.call('xhrUpload', { ...sent(Buffer.alloc(LARGEST + 1, 'x')), straight: true, expect: 413 });
  await t.call('xhrUpload', { ...sent(Buffer.from('Inhalt')), path: { path: FOLDER }, expect: 403 });
  await t.call('xhrUpload', { path: { path }, ...form('Brief.exe', Buffer.from('x')), expect: 400 });
  await t.call('xhrUpload', sent(Buffer.from('Inhalt')));
}

// begun announces a file and gives the path of its parts.
async function begun(t, protocol, path, length = 4, as = undefined) {
  const { headers } = await t.call(`${protocol}Create`, { path: { path }, ...(as && { as }), headers: announced(length, 'y.md') });
  return { path: { path, upload: headers.get('location').split('/').pop() } };
}

async function tus(t, protocol, path) {
  const at = { path: { path } };
  await t.call(`${protocol}Options`, at);
  await t.call(`${protocol}Create`, { ...at, headers: { ...announced(4, 'y.md'), 'Tus-Resumable': '2' }, expect: 412 });
  await t.call(`${protocol}Create`, { ...at, headers: announced(99_999_999_999, 'y.md'), expect: 413 });
  await t.call(`${protocol}Create`, { ...at, headers: announced('viel', 'y.md'), expect: 400 });
  const upload = await begun(t, protocol, path);
  await t.call(`${protocol}Status`, { ...upload, headers: TUS });
  await t.call(`${protocol}Status`, { ...upload, headers: { 'Tus-Resumable': '2' }, expect: 412 });
  await t.call(`${protocol}Append`, { ...upload, headers: { ...part(0), 'Tus-Resumable': '2' }, body: Buffer.from('zw'), expect: 412 });
  await t.call(`${protocol}Append`, { ...upload, headers: part(3), body: Buffer.from('zw'), expect: 400 });
  await t.call(`${protocol}Append`, { ...upload, headers: part(0), body: Buffer.from('zw') });
  await t.call(`${protocol}Append`, { ...upload, headers: part(2), body: Buffer.from('ei') });
}

// form is a multipart body with one file.
function form(filename, bytes) {
  const head = `--teil\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: text/plain\r\n\r\n`;
  return { type: 'multipart/form-data; boundary=teil', body: Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--teil--\r\n')]) };
}

// ownArea makes a private folder, fills it to its quota of 1000 bytes (main.mjs),
// and files what was begun there.
async function ownArea(t) {
  await t.call('createInSite', { body: t.document.example('createInSite', 'privateAblagen') });
  await t.call('createInSite', { body: t.document.example('createInSite', 'privateAblagen'), expect: 400 });
  const own = await t.make('private', t.document.example('createObject', 'privateAblage'), { as: 'peter', headers: { Prefer: 'return=representation' } });
  const path = await t.make(own, t.document.example('createObject', 'privatesDossier'), { as: 'peter', headers: { Prefer: 'return=representation' } });
  const mine = { as: 'peter', path: { path } };
  const at = (other, more) => ({ as: 'peter', path: { path: other }, ...more });
  await t.call('getObject', { ...mine, query: { fullobjects: '1' } });
  await t.call('getObject', { path: { path: own }, as: 'jane', expect: 401 });
  await t.call('getObject', { path: { path: `${own}/nichts` }, as: 'jane', expect: 401 });
  await t.call('getReferenceNumber', mine);
  await t.call('getWorkflow', mine);

  const document = (size) => ({ '@type': 'opengever.document.document', title: 'Entwurf', file: file('x.txt', 'x'.repeat(size)) });
  const draft = await t.make(path, document(900), { as: 'peter' });
  const full = { ...mine, expect: 403 };
  await t.call('createObject', { ...full, body: document(101) });
  await t.call('tusUploadCreate', { ...full, headers: announced(101, 'y.md') });
  await t.call('xhrUpload', { ...full, ...form('Brief.txt', Buffer.alloc(101, 'x')) });
  await t.call('copyObjects', { ...full, body: { source: `/${draft}` } });
  await t.call('patchObject', at(draft, { body: { archival_file: file('a.txt', 'x'.repeat(101)) }, expect: 403 }));
  const small = await t.make(path, document(50), { as: 'peter' });
  await t.call('checkout', at(small));
  await t.call('tusReplaceCreate', at(small, { headers: announced(51, 'y.md'), expect: 403 }));
  // What found room when it was announced, and does not any more.
  const late = await begun(t, 'tusUpload', path, 50, 'peter');
  await t.call('patchObject', at(small, { body: { file: file('x.txt', 'x'.repeat(50)) }, expect: 204 }));
  await t.call('tusUploadAppend', { ...late, as: 'peter', headers: part(0), body: Buffer.alloc(50, 'x'), expect: 403 });

  await t.call('moveObjects', at(path, { body: { source: `/${DOSSIER}/document-259` }, expect: 403 }));
  await t.call('moveObjects', at(DOSSIER, { body: { source: `/${draft}` } }));
  await t.call('createObject', { ...mine, body: document(101) });
  await t.call('takeTransition', { as: 'peter', path: { path: await t.make(own, t.document.example('createObject', 'privatesDossier'), { as: 'peter' }), transition: 'dossier-transition-resolve' }, body: {} });
}

// people reads who is there, shares, and works on a dossier with others.
async function people(t) {
  const at = { path: { path: DOSSIER } };
  await t.call('getActors', { body: t.document.example('getActors') });
  await t.call('getActor', { path: { actor: 'john.doe' } });
  await t.call('getGroup', { path: { group: 'fd_users' } });
  await t.call('getUser', { path: { user: 'john.doe' } });
  await t.call('getOgdsUser', { path: { user: 'john.doe' } });
  await t.call('getSharing', at);
  await t.call('getAllowedRolesAndPrincipals', at);
}

const loggedIn = async (t) => (await t.call('login', { body: { login: 'john.doe', password: 'Demo-Gever-1!' } })).json.token;

// serviceKey is the file of a service that acts as peter.
const serviceKey = async (t) => JSON.parse(await loket('credential', 'gever', 'create', '--user', 'peter.muster', '--url', new URL(t.base).origin));

// tokens logs in with a token and gets one for a service.
async function tokens(t) {
  await t.call('renewLogin', { as: null, headers: bearer(await loggedIn(t)) });
  const ended = bearer(await loggedIn(t));
  await t.call('logout', { as: null, headers: ended });
  await t.call('logout', { as: null, headers: ended, expect: 401 });

  await portal(t);

  const key = await serviceKey(t);
  const service = (assertion) => ({ as: null, body: new URLSearchParams({ grant_type: GRANT, assertion }).toString() });
  const { json } = await t.call('oauth2Token', service(asserted(key)));
  await t.call('getObject', { path: { path: DOSSIER }, as: null, headers: bearer(json.access_token) });
  await t.call('oauth2Token', { ...service(asserted({ ...key, user_id: 'john.doe' })), expect: 400 });
  await t.call('oauth2Token', { as: null, body: 'grant_type=password', expect: 400 });
}

// atPortal logs in at the portal and gives the headers of a request there. It
// goes past the proxy, which hands on one cookie.
async function atPortal(t) {
  const { headers } = await t.call('portalLogin', { as: null, straight: true, body: { username: 'peter.muster', password: 'Demo-Muster-1!' } });
  const cookies = Object.fromEntries(headers.getSetCookie().map((line) => line.split(';')[0].split('=')));
  return { Cookie: Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join('; '), 'X-CSRFToken': cookies.csrftoken };
}

// portal logs in at the portal and gets a token for its ticket, once.
async function portal(t) {
  const service = t.base;
  await t.call('portalLogin', { as: null, body: { username: 'peter.muster', password: 'falsch' }, expect: 401 });
  await t.call('portalLogin', { as: null, headers: { Origin: 'https://example.org' }, body: t.document.example('portalLogin'), expect: 403 });
  const session = await atPortal(t);
  const { json: ticket } = await t.call('portalTicket', { as: null, headers: session, body: { service } });
  const { json } = await t.call('casLogin', { as: null, body: ticket });
  await t.call('getObject', { path: { path: DOSSIER }, as: null, headers: bearer(json.token) });
  await t.call('casLogin', { as: null, body: ticket, expect: 401 });
  await t.call('casLogin', { as: null, body: { service }, expect: 400 });
  await t.call('portalTicket', { as: null, headers: { ...session, 'X-CSRFToken': 'x' }, body: { service }, expect: 403 });
  await t.call('portalTicket', { as: null, headers: session, body: { service: 'https://example.org/' }, expect: 400 });
  await t.call('portalTicket', { as: null, body: { service }, expect: 401 });
}

// asserted is what a service signs with its key (RFC 7523).
function asserted({ client_id: iss, user_id: sub, token_uri: aud, private_key: key }) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss, sub, aud, iat: now, exp: now + 3600 })}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
}

// together shares a dossier, comments on it, takes part in it, writes its
// journal and hands it over; it gives what is there then.
async function together(t) {
  const path = await t.make(FOLDER, { ...t.document.example('createObject', 'dossier'), title: 'Gemeinsam', responsible: 'john.doe' });
  const at = { path: { path } };
  await t.call('share', { ...at, body: t.document.example('share') });

  const comment = async () => ({ path: { path, response_id: (await t.call('addResponse', { ...at, body: t.document.example('addResponse') })).json['@id'].split('/').pop() } });
  const kept = await comment();
  await t.call('listResponses', at);
  await t.call('getResponse', kept);
  await t.call('patchResponse', { ...kept, body: { text: 'Bitte bald prüfen.' } });
  await t.call('deleteResponse', await comment());
  // What a transition wrote stays as it is.
  const task = await t.make(path, { ...t.document.example('createObject', 'aufgabe'), responsible: 'fd:john.doe' });
  await t.call('takeTransition', { path: { path: task, transition: 'task-transition-open-in-progress' }, body: {} });
  const { json } = await t.call('listResponses', { path: { path: task } });
  const written = { path: { path: task, response_id: json.items.at(-1)['@id'].split('/').pop() } };
  await t.call('patchResponse', { ...written, body: { text: 'Neu' }, expect: 403 });
  await t.call('deleteResponse', { ...written, expect: 403 });

  const participations = [['jane.leser', 'getParticipation'], ['peter.muster', 'deleteParticipation']];
  for (const [participant, operation] of participations) {
    await t.call('addParticipation', { ...at, body: { participant_id: participant, roles: ['regard'] } });
    await t.call('patchParticipation', { path: { path, participant }, body: t.document.example('patchParticipation') });
    await t.call(operation, { path: { path, participant } });
  }
  await t.call('listParticipations', at);

  const [changed, gone] = await entries(t, at, ['Erster', 'Zweiter']);
  await t.call('patchJournalEntry', { path: { path, entry: changed }, body: { comment: 'Geändert' } });
  await t.call('deleteJournalEntry', { path: { path, entry: gone } });

  await t.call('transferDossier', { ...at, body: t.document.example('transferDossier') });
  return { path, responses: [kept.path.response_id], entries: [changed] };
}

// entries writes into a journal by hand and gives the ids of what is there.
async function entries(t, at, comments) {
  for (const comment of comments) {
    await t.call('addJournalEntry', { ...at, body: { comment, category: 'phone-call' } });
  }
  const { json } = await t.call('listJournal', at);
  return json.items.filter((one) => one.is_editable).map((one) => one['@id'].split('/').pop());
}
