// fhirclient (SMART Health IT): its request() with every page flattened and references resolved.
import smart from 'fhirclient';
import { TASK, crawled, holds, trying } from './saying.mjs';

const storage = { get: async () => undefined, set: async (_, value) => value, unset: async () => true };
const request = { headers: { host: 'localhost' }, url: '/', socket: {} };
const client = smart(request, {}, storage).client({ serverUrl: TASK.fhir, tokenResponse: { access_token: TASK.token } });
const found = crawled();

await trying('every page of a type, flattened', async () => {
  const all = await client.request('Patient?_count=50', { pageLimit: 0, flat: true });
  const ids = new Set(all.map((one) => one.id));
  holds(ids.size === found.Patient.length && all.length === ids.size, `${all.length} of ${found.Patient.length}`);
  return `${all.length} patients`;
});

await trying('references resolved within a page', async () => {
  const page = await client.request('Observation?_count=5', { resolveReferences: ['subject', 'derivedFrom.0'], graph: true });
  const subjects = page.entry.map((entry) => entry.resource.subject.resourceType);
  holds(subjects.length === 5 && subjects.every((type) => type === 'Patient'), subjects.join());
  holds(page.entry.every(({ resource }) => resource.derivedFrom[0].resourceType === 'QuestionnaireResponse'), 'not derived');
  return `${subjects.length} subjects and responses`;
});
