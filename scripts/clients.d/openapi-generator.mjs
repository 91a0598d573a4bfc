// Writes what openapi-generator gets to see of the served documents, and its
// settings, for Python and Ruby: openapi-generator.mjs WORK API...
//
// Reads WORK/documents/<api>.json; writes
// WORK/openapi-generator/<api>-<language>.json and .config. The clients will be
// in WORK/<language>/<api>, named <api>_client.
import { readFile, writeFile } from "node:fs/promises";

const [, , work, ...apis] = process.argv;

// What openapi-generator 5.0.0-beta2, the newest that npm has whole, cannot make
// a client of, and a document cannot say otherwise:
// - Python: a pattern beside format date-time. It takes the pattern for Perl's
//   and stops.
// - Python: one of several schemas. It makes one class of all, with everything
//   that any of them requires. Any value is what it gets to see: an answer is a
//   dict, and the client can read it as the class that it is.
// - Python: a schema that holds itself (a tree). It makes examples of it without
//   an end. The inner ones are any value.
// - Ruby: a credential in a cookie. What it writes is no Ruby.
// - Both: another schema with further properties. They ask for a class by a name
//   that is none. That schema alone is what they get to see.
// - Both: the names @id and id in one object. They make one variable of both.
//   @id, an object's address, is the one that the client keeps.
const unsupported = {
  python: (node) => {
    if (node.oneOf ?? node.anyOf) {
      return { description: node.description };
    }
    return node.format === "date-time" ? without(node, "pattern") : node;
  },
  ruby: (node) => {
    const cookies = Object.keys(node.securitySchemes ?? {}).filter((name) => node.securitySchemes[name].in === "cookie");
    return cookies.length > 0 ? { ...node, securitySchemes: without(node.securitySchemes, ...cookies) } : node;
  },
};

function without(object, ...keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function supported(node, language) {
  if (Array.isArray(node)) {
    return node.map((item) => supported(item, language));
  }
  if (node === null || typeof node !== "object") {
    return node;
  }
  if (node.additionalProperties && node.allOf?.length === 1) {
    return node.allOf[0];
  }
  let copy = unsupported[language](node);
  if (copy.properties?.["@id"] && copy.properties.id) {
    copy = { ...copy, properties: without(copy.properties, "id"), required: copy.required?.filter((key) => key !== "id") };
  }
  return Object.fromEntries(Object.entries(copy).map(([key, value]) => [key, supported(value, language)]));
}

// flat gives the document without schemas that hold themselves.
function flat(json) {
  const schemas = Object.entries(json.components.schemas).map(([name, schema]) => {
    const itself = `#/components/schemas/${name}`;
    return [name, JSON.parse(JSON.stringify(schema), (_, value) => (value?.$ref === itself ? {} : value))];
  });
  return { ...json, components: { ...json.components, schemas: Object.fromEntries(schemas) } };
}

for (const api of apis) {
  const name = `${api.replaceAll("-", "_")}_client`;
  const module = name.replace(/(^|_)(.)/g, (_, __, letter) => letter.toUpperCase());
  const properties = { python: { packageName: name }, ruby: { gemName: name, moduleName: module } };
  const json = JSON.parse(await readFile(`${work}/documents/${api}.json`, "utf8"));
  for (const [language, additionalProperties] of Object.entries(properties)) {
    const inputSpec = `${work}/openapi-generator/${api}-${language}.json`;
    const outputDir = `${work}/${language}/${api}`;
    await writeFile(inputSpec, JSON.stringify(supported(language === "python" ? flat(json) : json, language)));
    await writeFile(
      `${work}/openapi-generator/${api}-${language}.config`,
      JSON.stringify({ generatorName: language, inputSpec, outputDir, additionalProperties }),
    );
  }
}
