// One change to a sound request that most likely makes it break the document.
// Whether it does is Prism's to say.
import { bounds, merged, Pooled } from './generate.mjs';

// mutations lists the changes that can be made: functions from a request to a
// changed copy.
export function mutations(document, request) {
  const list = [];
  const { operation } = request;
  for (const parameter of operation.parameters) {
    const part = { path: 'path', query: 'query', header: 'headers' }[parameter.in];
    if (!part) {
      continue;
    }
    for (const value of wrongTexts(document.resolve(parameter.schema))) {
      list.push((one) => ({ ...one, [part]: { ...one[part], [parameter.name]: value } }));
    }
    if (parameter.required && parameter.in === 'query') {
      list.push((one) => ({ ...one, query: { ...one.query, [parameter.name]: undefined } }));
    }
  }
  if (request.body !== undefined && !Buffer.isBuffer(request.body)) {
    const schema = (operation.body.content[request.type] ?? operation.body.content['*/*'])?.schema ?? {};
    walk(document, schema, request.body, (value) => value, (body) => list.push((one) => ({ ...one, body })));
    if (operation.body.required) {
      list.push((one) => ({ ...one, body: undefined, type: undefined }));
    }
    list.push((one) => ({ ...one, type: 'text/plain', body: Buffer.from('tekst') }));
  }
  return list;
}

// wrongTexts are values of a parameter that its schema refuses.
function wrongTexts(schema) {
  const texts = [];
  if (schema.enum) {
    texts.push('geen-van-deze');
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    // Without a bound of its own the end of int64 is a matter of the judge's
    // language.
    texts.push('abc', '1.5', ...(schema.minimum === undefined ? [] : [String(schema.minimum - 1)]), ...(schema.maximum === undefined ? [] : [String(schema.maximum + 1)]));
  }
  if (schema.type === 'boolean') {
    texts.push('ja');
  }
  if (schema.type === 'string' && (schema.format || schema.pattern)) {
    texts.push('!');
  }
  if (schema.maxLength && schema.maxLength <= 4000) {
    texts.push('a'.repeat(schema.maxLength + 1));
  }
  return texts;
}

// walk calls found with each changed copy of the whole body; put rebuilds the
// whole from what stands at this place.
function walk(document, ref, value, put, found) {
  const schema = branch(document, document.resolve(ref) ?? {}, value);
  const change = (changed) => found(put(changed));
  // Prism takes a body that is null for no body at all, so it has no verdict.
  if (!schema.nullable && put(null) !== null) {
    change(null);
  }
  for (const other of wrongValues(schema)) {
    change(other);
  }
  if (Array.isArray(value)) {
    list(document, schema, value, put, found, change);
  } else if (value !== null && typeof value === 'object' && !(value instanceof Pooled)) {
    object(document, schema, value, put, found, change);
  }
}

function list(document, schema, value, put, found, change) {
  if (schema.maxItems !== undefined && schema.maxItems <= 500 && value.length > 0) {
    change(Array.from({ length: schema.maxItems + 1 }, () => value[0]));
  }
  if (schema.minItems > 0) {
    change([]);
  }
  if (schema.uniqueItems && value.length > 0) {
    change([...value, value[0]]);
  }
  value.forEach((item, i) => walk(document, schema.items ?? {}, item, (changed) => put(value.with(i, changed)), found));
}

function object(document, schema, value, put, found, change) {
  change({ ...value, onbekend_veld: 'x' });
  for (const name of schema.required ?? []) {
    change(Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)));
  }
  for (const [name, item] of Object.entries(value)) {
    const property = schema.properties?.[name] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (property) {
      walk(document, property, item, (changed) => put({ ...value, [name]: changed }), found);
    }
  }
}

// wrongValues are of another type, or outside the bounds.
function wrongValues(schema) {
  const { type, minLength, maxLength } = schema;
  const values = [];
  switch (type) {
    case 'string':
      values.push(42, ['x'], {});
      if (schema.enum) {
        values.push('geen-van-deze');
      }
      if (schema.format || schema.pattern) {
        values.push('\u00bf nee');
      }
      if (maxLength !== undefined && maxLength <= 20_000) {
        values.push('a'.repeat(maxLength + 1));
      }
      if (minLength > 0) {
        values.push('a'.repeat(minLength - 1));
      }
      break;
    case 'integer':
    case 'number': {
      const { min, max, minExcluded } = bounds(schema);
      values.push('12', true, {});
      if (schema.minimum !== undefined) {
        values.push(minExcluded ? min : min - 1);
      }
      if (schema.maximum !== undefined) {
        values.push(max + 1);
      }
      if (type === 'integer') {
        values.push(1.5);
      }
      break;
    }
    case 'boolean':
      values.push('true', 1);
      break;
    case 'array':
      values.push({}, 'x');
      break;
    case 'object':
      values.push([], 'x', 7);
      break;
    default:
  }
  return values;
}

// branch picks of a oneOf, anyOf or allOf the schema that the value was made by.
function branch(document, schema, value) {
  if (schema.allOf) {
    return branch(document, merged(document, schema), value);
  }
  const union = schema.oneOf ?? schema.anyOf;
  if (!union) {
    return schema;
  }
  const options = union.map((one) => branch(document, document.resolve(one), value));
  return options.find((one) => fits(document, one, value)) ?? options[0];
}

function fits(document, schema, value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return schema.type === (Array.isArray(value) ? 'array' : typeof value) || (schema.type === 'integer' && Number.isInteger(value));
  }
  const properties = schema.properties ?? {};
  return (
    (schema.type ?? 'object') === 'object' &&
    (schema.required ?? []).every((name) => name in value) &&
    Object.entries(value).every(([name, item]) => !properties[name] || !document.resolve(properties[name]).enum || document.resolve(properties[name]).enum.includes(item))
  );
}
