// CAPO: deliver a file, review with one rejection, download, quickscan.
const P1 = '62c7d0a1eb277e1b79161401'; // aansluiting, in Intake
const P2 = '62c7d0a1eb277e1b79161402'; // hoofdleiding
const A1 = '62c7d159eb277e1b79161430'; // of aan-1, without review
const A2 = '62c7d159eb277e1b79161431'; // of aan-1, reviewed by combi-1
const A4 = '62c7d159eb277e1b79161433'; // done, of P3
const CONTAINER = 'patch_project__projectId__bijlageassigned__bijlageAssignedId_';

const bearer = (token) => ({ Authorization: `Bearer ${token}` });

export default {
  arrive(t) {
    t.identities = {
      default: bearer('demo-capo-aan-1'),
      combi: bearer('demo-capo-combi-1'),
      netbeheerder: bearer('demo-capo-nb-e'),
      other: bearer('demo-capo-aan-2'),
      outside: bearer('demo-dsp-only'),
    };
  },

  async journey(t) {
    await t.call('listBijlageAssigned', { query: { status: 'assigned', requiresReview: false, limit: 10, offset: 0 } });
    await t.call('listBijlageAssigned', { as: 'netbeheerder' });
    await t.call('listProjects', { query: { type: 'aansluiting', limit: 2 } });
    await t.call('getProject', { path: { projectId: P1 } });
    await t.call('getProject', { path: { projectId: P1 }, as: 'netbeheerder' });
    await t.call('listProjectBijlageAssigned', { path: { projectId: P1 }, query: { geannuleerd: true } });

    // Without review.
    await deliver(t, A1, 'tekening.pdf');
    await container(t, A1, { status: 'done' });
    await container(t, A1, { status: 'done' }, { expect: 409 });
    await t.call('createBijlage', { path: { projectId: P1, bijlageAssignedId: A1 }, body: { bestandsnaam: 'te-laat.pdf' }, expect: 409 });

    // With a review, once rejected.
    await container(t, A2, { status: 'review' }, { expect: 409 });
    const plan = await deliver(t, A2, 'plan.pdf');
    await container(t, A2, { status: 'review' });
    await container(t, A2, { status: 'done' }, { expect: 403 });
    await container(t, A2, { status: 'uploaded' }, { as: 'combi', expect: 400 });
    await container(t, A2, { status: 'uploaded', reden: 'De maatvoering ontbreekt.' }, { as: 'combi' });
    await container(t, A2, { status: 'review' }, { type: 'application/merge-patch+json' });
    await container(t, A2, { status: 'done' }, { as: 'combi' });
    await t.call('listBijlagen', { path: { projectId: P1 } });
    await t.call('downloadBijlage', { path: { projectId: P1, bijlageId: plan }, as: 'combi' });

    // Quickscan.
    const project = { path: { projectId: P1 }, as: 'netbeheerder' };
    await t.call('createHoofdleidingAanleggen', { ...project, body: { disciplines: ['elektriciteit'], toelichting: 'Straat zonder leiding.' } });
    await t.call('createHoofdleidingAanleggen', { ...project, body: {}, expect: 409 });
    const extra = { type: 'Extra werkvoorbereiding', opleverdatum: '2030-01-10', discipline: 'elektriciteit' };
    await t.call('createActiviteit', { ...project, body: extra });
    await t.call('createMic', { ...project, body: { meeInCombi: false, reden: 'Eigen ploeg.' } });
    await t.call('createActiviteit', { ...project, body: extra, expect: 409 });
    await t.call('createMic', { path: { projectId: P2 }, as: 'netbeheerder', body: { meeInCombi: true }, expect: 409 });
    for (const list of ['listHoofdleidingAanleggen', 'listActiviteiten', 'listMic']) {
      await t.call(list, project);
    }
  },

  refusals: {
    outsiders: ['outside'],
    unknown: { projectId: 'ffffffffffffffffffffffff', bijlageAssignedId: 'ffffffffffffffffffffffff', bijlageId: 'ffffffffffffffffffffffff' },
    bodyLimit: 64 << 10,
  },

  specmatic: {
    security: () => ({ bearerAuth: { type: 'bearer', token: 'demo-capo-aan-1' } }),
    accepted: [
      { operations: ['downloadBijlage'], answered: 200, match: /expected \*\/\* but response contained/, why: 'Specmatic takes */* by the letter' },
      { operations: ['createActiviteit', 'createHoofdleidingAanleggen'], answered: 409, why: 'the quickscan is closed by its first message, which the example is' },
      { operations: ['createBijlage', 'patchBijlage', CONTAINER], answered: 409, why: 'the container was delivered: nothing in it changes any more' },
      { operations: ['upload'], answered: 409, why: 'an address takes bytes once' },
      { operations: ['createBijlage'], answered: 413, why: 'a grootte above 50 MB is 413, so that the document has no maximum for it' },
      { operations: ['createBijlage'], answered: 400, match: /De bestandsnaam|contentType past niet/, why: 'the rules of a file name are more than a pattern can say; a text that Specmatic makes for a long pattern does not always match it' },
      {
        operations: ['createHoofdleidingAanleggen', 'createMic'], answered: 400, match: /heeft in dit project geen product|geen waarde twee keer/,
        why: 'a discipline must be one of the caller in the project, and Specmatic does not know uniqueItems',
      },
    ],
  },

  fuzz: {
    names: { projectId: 'project', bijlageAssignedId: 'container', bijlageId: 'bijlage', token: 'token', bestandsnaam: 'bestandsnaam' },
    last: ['createMic', CONTAINER], // they close the quickscan and the containers
    as: Object.fromEntries(
      ['createHoofdleidingAanleggen', 'createActiviteit', 'createMic', 'listHoofdleidingAanleggen', 'listActiviteiten', 'listMic'].map((id) => [id, ['netbeheerder']]),
    ),
    async pools(t) {
      const projects = await t.call('listProjects', { as: 'netbeheerder' });
      const containers = await t.call('listBijlageAssigned');
      return {
        project: [P1, P1, P1, P1, P1, ...projects.json.map(({ projectId }) => projectId)],
        container: containers.json.map(({ bijlageAssignedId }) => bijlageAssignedId),
        bestandsnaam: [...Array.from({ length: 90 }, (_, i) => `tekening ${i}.pdf`), 'zonder extensie', 'a/b.pdf', 'twee.punten.pdf'],
      };
    },
    harvest: (_, json) => {
      const all = [json].flat();
      return { bijlage: all.map(({ bijlageId }) => bijlageId), token: all.map(({ url }) => url?.split('/').pop()) };
    },
    rules: [
      { match: /De bestandsnaam (moet|mag)/, why: 'the rules of a file name (contract 3.3) are more than a pattern can say' },
      { match: /heeft in dit project geen product/, why: 'a discipline must be one of the caller in the project' },
      { match: /Een reden hoort alleen bij afkeur/, why: 'reden belongs to one step of the table only' },
      { match: /Aangekondigd (is|zijn) /, why: 'the bytes must be as many, and of the type, as createBijlage was told' },
      { match: /vandaag of later/, why: 'opleverdatum is not in the past' },
    ],
  },
};

function container(t, bijlageAssignedId, body, options = {}) {
  return t.call(CONTAINER, { path: { projectId: P1, bijlageAssignedId }, body, ...options });
}

// deliver makes a file, sends its bytes and says so; it gives the file's id.
async function deliver(t, bijlageAssignedId, bestandsnaam) {
  const made = await t.call('createBijlage', { path: { projectId: P1, bijlageAssignedId }, body: { bestandsnaam, contentType: 'application/pdf' } });
  const { bijlageId, url } = made.json;
  const path = { projectId: P1, bijlageId };
  const file = { path: { token: url.split('/').pop() }, type: 'application/pdf' };
  await t.call('patchBijlage', { path, body: { status: 'uploaded' }, expect: 409 });
  const bytes = Buffer.from('%PDF-1.7 tekening');
  await t.call('upload', { ...file, body: Buffer.alloc(0), straight: true, expect: 400 });
  await t.call('upload', { ...file, stream: new Blob([bytes]).stream(), straight: true, expect: 411 });
  await t.call('upload', { ...file, body: Buffer.alloc((50 << 20) + 1), straight: true, expect: 413 });
  await t.call('upload', { ...file, body: bytes });
  await t.call('upload', { ...file, body: bytes, expect: 409 });
  await t.call('upload', { ...file, path: { token: 'x' }, body: bytes, expect: 403 });
  await t.call('patchBijlage', { path, body: { status: 'uploaded' } });
  return bijlageId;
}
