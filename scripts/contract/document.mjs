// An API's document, as Loket serves it, in the form that the checks need.
const METHODS = ['get', 'put', 'post', 'patch', 'delete', 'head', 'options'];

// fetchDocument reads /api/NAME/documentation.json of a running Loket.
export async function fetchDocument(origin, api) {
  const answer = await fetch(`${origin}/api/${api}/documentation.json`);
  if (!answer.ok) {
    throw new Error(`${answer.url} answered ${answer.status}`);
  }
  return new Document(await answer.json());
}

export class Document {
  constructor(json) {
    this.json = json;
    this.operations = Object.entries(json.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => this.#operation(path, method, item)),
    );
    this.byId = new Map(this.operations.map((operation) => [operation.id, operation]));
  }

  // operation finds one by its operationId.
  operation(id) {
    const found = this.byId.get(id);
    if (!found) {
      throw new Error(`the document has no operation ${id}`);
    }
    return found;
  }

  // example is a copy of the first example of an operation's body, or of the
  // one of that name.
  example(id, name) {
    const [content] = Object.values(this.operation(id).body.content);
    const named = Object.entries(content.examples ?? {}).map(([key, one]) => [key, this.resolve(one).value]);
    const [, value] = named.find(([key]) => !name || key === name) ?? [, content.example];
    return structuredClone(value);
  }

  // forPrism is the document without two things that mislead Prism 5.14:
  //
  // An enum of a nullable schema names null, as OpenAPI 3.0.3 wants it. Prism
  // adds it itself, a schema in which it stands twice does not compile, and
  // Prism judges nothing of such a schema.
  //
  // Prism takes application/geo+json for application/json and holds it against
  // whichever stands first, so that each gets the schemas of both.
  forPrism() {
    return JSON.parse(JSON.stringify(this.json), (key, node) => {
      if (node?.nullable && Array.isArray(node.enum)) {
        return { ...node, enum: node.enum.filter((value) => value !== null) };
      }
      return key === 'content' && typeof node === 'object' ? withOneSchema(node) : node;
    });
  }

  // resolve follows $ref, here or at the end of a chain.
  resolve(node) {
    while (node?.$ref) {
      node = node.$ref
        .slice(2)
        .split('/')
        .reduce((at, key) => at[decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')], this.json);
    }
    return node;
  }

  #operation(path, method, item) {
    const raw = item[method];
    const own = (raw.parameters ?? []).map((parameter) => this.resolve(parameter));
    const shared = (item.parameters ?? [])
      .map((parameter) => this.resolve(parameter))
      .filter((parameter) => !own.some((other) => other.in === parameter.in && other.name === parameter.name));
    const body = this.resolve(raw.requestBody);
    return {
      id: raw.operationId,
      method: method.toUpperCase(),
      path,
      parameters: [...shared, ...own],
      body: body && { required: body.required ?? false, content: body.content },
      statuses: Object.keys(raw.responses).map(Number).filter(Boolean),
      produces: Object.values(raw.responses).flatMap((response) => Object.keys(this.resolve(response).content ?? {})),
      secured: secured(raw.security ?? this.json.security ?? []),
    };
  }
}

// withOneSchema gives all JSON types of a body the schemas of all of them.
function withOneSchema(content) {
  const types = Object.keys(content).filter(isJSON);
  const schemas = [...new Set(types.map((type) => JSON.stringify(content[type].schema)))].map((text) => JSON.parse(text));
  if (schemas.length < 2) {
    return content;
  }
  return { ...content, ...Object.fromEntries(types.map((type) => [type, { ...content[type], schema: { anyOf: schemas } }])) };
}

// secured tells whether an operation asks for credentials; {} among them means
// that it does not.
const secured = (requirements) => requirements.length > 0 && requirements.every((one) => Object.keys(one).length > 0);

// success tells the statuses that are no refusal; 304 and the like count too.
export const isSuccess = (status) => status < 400;
export const isJSON = (type) => /^application\/([a-z.-]+\+)?json *(;|$)/i.test(type ?? '');
