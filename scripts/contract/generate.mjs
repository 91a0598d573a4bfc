// Values for a schema of the document, as fast-check arbitraries.
import { require } from './tools.mjs';

export const fc = require('fast-check');

// Pooled stands for an id that is drawn from the pool of that name when the
// request is sent: ids differ from run to run, the choice of one does not.
export class Pooled {
  constructor(pool, index) {
    Object.assign(this, { pool, index });
  }
}

const pooled = (pool) => fc.nat(9999).map((index) => new Pooled(pool, index));

export class Generator {
  // formats: format of a text -> list of values that have it. names: name of a
  // parameter or property -> pool that has its values. pools: pool -> values.
  constructor(document, { formats = {}, names = {}, pools = {} } = {}) {
    Object.assign(this, { document, formats, names, pools });
  }

  // request makes {path, query, headers, body, type} of an operation.
  request(operation) {
    const of = (place) => operation.parameters.filter((parameter) => parameter.in === place);
    const record = (parameters, odds) =>
      fc.record(Object.fromEntries(parameters.map((p) => [p.name, p.required ? this.parameter(p) : maybe(this.parameter(p), odds)])));
    const contents = Object.entries(operation.body?.content ?? {});
    const bodies = contents.map(([type, { schema }]) => fc.record({ type: fc.constant(type === '*/*' ? 'application/octet-stream' : type), body: this.body(type, schema) }));
    if (bodies.length > 0 && !operation.body.required) {
      bodies.push(fc.constant({}));
    }
    return fc
      .record({
        path: record(of('path')),
        query: record(of('query'), 4),
        headers: record(of('header').filter((p) => !p.required), 8),
        content: bodies.length > 0 ? fc.oneof(...bodies) : fc.constant({}),
      })
      .map(({ content, ...rest }) => ({ ...rest, ...content }));
  }

  parameter(parameter) {
    const schema = this.document.resolve(parameter.schema ?? {});
    if (parameter.in === 'header' && schema.type === 'string' && !schema.pattern && !schema.enum) {
      return words({ minLength: schema.minLength ?? 1, maxLength: 20 }); // a header has no other characters
    }
    return this.value(schema, parameter.name, 0);
  }

  body(type, schema) {
    const resolved = this.document.resolve(schema ?? {});
    if (resolved.format === 'binary') {
      return fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.concat([Buffer.from('%PDF-1.7 '), bytes]));
    }
    return this.value(resolved, '', 0);
  }

  // value makes what a schema allows; name is the property's or parameter's.
  value(ref, name, depth) {
    const schema = this.document.resolve(ref) ?? {};
    const plain = this.#plain(schema, name, depth);
    return schema.nullable ? fc.oneof({ weight: 5, arbitrary: plain }, { weight: 1, arbitrary: fc.constant(null) }) : plain;
  }

  #plain(schema, name, depth) {
    if (this.#fromPool(name, schema)) {
      return pooled(this.names[name]);
    }
    if (schema.enum) {
      return fc.constantFrom(...schema.enum);
    }
    if (schema.allOf) {
      return this.value(merged(this.document, schema), name, depth);
    }
    const union = schema.oneOf ?? schema.anyOf;
    if (union) {
      return fc.oneof(...union.map((one) => this.value(one, name, depth)));
    }
    switch (schema.type) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, name, depth);
      case 'string':
        return this.#string(schema);
      case 'integer':
        return integer(schema);
      case 'number':
        return number(schema);
      case 'boolean':
        return fc.boolean();
      default:
        return schema.properties ? this.#object(schema, depth) : fc.jsonValue({ maxDepth: 1 });
    }
  }

  // fromPool tells whether values of the name are drawn from a pool, which an
  // empty one has as texts.
  #fromPool(name, schema) {
    const pool = Object.hasOwn(this.names, name) && (this.pools[this.names[name]] ?? []);
    const type = schema.type === 'integer' ? 'number' : (schema.type ?? 'string');
    return pool && typeof (pool[0] ?? '') === type;
  }

  #object(schema, depth) {
    const required = schema.required ?? [];
    const members = Object.entries(schema.properties ?? {}).filter(([, property]) => !this.document.resolve(property).readOnly);
    const shape = members
      .filter(([name]) => required.includes(name) || depth < 4)
      .map(([name, property]) => {
        const value = this.value(property, name, depth + 1);
        return [name, required.includes(name) ? value : maybe(value, members.length > 12 ? 8 : 3)];
      });
    const own = fc.record(Object.fromEntries(shape)).map(present);
    if (typeof schema.additionalProperties !== 'object') {
      return own;
    }
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    const extra = fc.dictionary(key, this.value(schema.additionalProperties, '', depth + 1), { minKeys: schema.minProperties ?? 0, maxKeys: Math.min(schema.maxProperties ?? 3, 3) });
    return fc.tuple(extra, own).map(([more, main]) => ({ ...more, ...main }));
  }

  #array(schema, name, depth) {
    const min = schema.minItems ?? 0;
    const bounds = { minLength: min, maxLength: Math.min(schema.maxItems ?? Infinity, min + 3) };
    const item = this.value(schema.items ?? {}, name, depth + 1);
    return schema.uniqueItems ? fc.uniqueArray(item, { ...bounds, selector: JSON.stringify }) : fc.array(item, bounds);
  }

  #string(schema) {
    const { format, pattern, minLength = 0, maxLength = 5000 } = schema;
    if (this.formats[format]) {
      return fc.constantFrom(...this.formats[format]);
    }
    const known = format && FORMATS[format];
    if (known) {
      return known;
    }
    if (pattern) {
      return fc.stringMatching(new RegExp(pattern, 'u')).filter((text) => [...text].length >= minLength && [...text].length <= maxLength);
    }
    const short = { minLength, maxLength: Math.min(maxLength, Math.max(minLength, 24)) };
    return fc.oneof(
      { weight: 6, arbitrary: words(short) },
      { weight: 2, arbitrary: fc.string({ ...short, unit: character }) },
      { weight: 1, arbitrary: fc.constantFrom(minLength, Math.min(maxLength, 5000)).map((length) => 'é'.repeat(length)) },
    );
  }
}

// Characters that any text may hold: no controls, which JSON allows and many
// fields do not (NUL is refused everywhere).
const character = fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa1, max: 0x17f }), fc.constantFrom(0x20ac, 0x4e2d, 0x1f600)).map((code) => String.fromCodePoint(code));

const words = (bounds) => fc.string({ ...bounds, unit: fc.constantFrom(...'abcdefghijklmnoprstuvwz0123456789') });

const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });

const FORMATS = {
  date: day.map((date) => date.toISOString().slice(0, 10)),
  'date-time': fc.oneof(day.map((date) => date.toISOString()), day.map((date) => `${date.toISOString().slice(0, 19)}+02:00`)),
  uuid: fc.uuid(),
  uri: fc.stringMatching(/^[a-z]{1,10}$/).map((text) => `https://example.nl/${text}`),
  email: fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/).map((text) => `${text}@example.nl`),
  byte: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64')),
};

// maybe leaves a value out but for one time in so many.
const maybe = (arbitrary, odds) => fc.oneof({ weight: 1, arbitrary }, { weight: odds - 1, arbitrary: fc.constant(undefined) });

const present = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const LIMITS = { int32: 2 ** 31 - 1, int64: Number.MAX_SAFE_INTEGER };

// bounds are a number's, with the exclusive ones of OpenAPI 3.0.
export function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, format }) {
  const most = LIMITS[format] ?? 1e9;
  return { min: Math.max(minimum ?? -most, -most), max: Math.min(maximum ?? most, most), minExcluded: exclusiveMinimum ?? false, maxExcluded: exclusiveMaximum ?? false };
}

function integer(schema) {
  const { min, max, minExcluded, maxExcluded } = bounds(schema);
  const [least, most] = [min + (minExcluded ? 1 : 0), max - (maxExcluded ? 1 : 0)];
  const low = Math.min(Math.max(least, 0), most);
  return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: low, max: Math.min(most, low + 20) }) }, { weight: 1, arbitrary: fc.constantFrom(least, most) });
}

function number(schema) {
  const { min, max, minExcluded, maxExcluded } = bounds(schema);
  const step = (value, excluded, by) => (excluded ? value + by : value);
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: Math.ceil(step(Math.max(min, -1e6), minExcluded, 1)), max: Math.floor(step(Math.min(max, 1e6), maxExcluded, -1)) }).map((n) => n / 1) },
    { weight: 1, arbitrary: fc.double({ min, max, minExcluded, maxExcluded, noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)) },
  );
}

// merged is an allOf as one object schema.
export function merged(document, schema) {
  const parts = [{ ...schema, allOf: undefined }, ...schema.allOf.map((one) => document.resolve(one)).map((one) => (one.allOf ? merged(document, one) : one))];
  const all = Object.assign({}, ...parts);
  all.properties = Object.assign({}, ...parts.map((part) => part.properties ?? {}));
  all.required = parts.flatMap((part) => part.required ?? []);
  delete all.allOf;
  return Object.keys(all.properties).length > 0 ? { ...all, type: 'object' } : { ...all, properties: undefined };
}
