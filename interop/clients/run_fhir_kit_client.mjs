// fhir-kit-client: one interaction after another, as its README has them.
import Client from 'fhir-kit-client';
import { TASK, answersToWrite, crawled, holds, named, trying } from './saying.mjs';

const client = new Client({ baseUrl: TASK.fhir, bearerToken: TASK.token });
const found = crawled();
const patient = found.Patient[0];

await trying('statement and discovery document', async () => {
  const statement = await client.capabilityStatement();
  holds(statement.fhirVersion === '4.0.1', 'another version');
  const smart = await client.smartAuthMetadata();
  return `${statement.rest[0].resource.length} types, token at ${smart.tokenUrl?.pathname ?? smart.tokenUrl}`;
});

await trying('read and vread, and what is not there', async () => {
  const read = await client.read({ resourceType: 'Patient', id: patient.id });
  const again = await client.vread({ resourceType: 'Patient', id: patient.id, version: read.meta.versionId });
  holds(JSON.stringify(read) === JSON.stringify(again), 'the version is another');
  const status = await client.read({ resourceType: 'Patient', id: 'nobody' }).then(() => 200, (error) => error.response.status);
  holds(status === 404, `nobody answers ${status}`);
  return 'the same, and 404';
});

await trying('search by GET and by POST _search', async () => {
  const searchParams = { patient: `Patient/${patient.id}`, _count: 5 };
  const got = await client.search({ resourceType: 'Observation', searchParams });
  const posted = await client.search({ resourceType: 'Observation', searchParams, options: { postSearch: true } });
  holds(got.total === posted.total && got.total > 0, `${got.total} and ${posted.total}`);
  holds(JSON.stringify(got.entry) === JSON.stringify(posted.entry), 'they differ');
  return `${got.total} of one patient either way`;
});

await trying('paging to the end', async () => {
  const seen = new Set();
  let bundle = await client.search({ resourceType: 'Patient', searchParams: { _count: 50 } });
  let pages = 0;
  while (bundle) {
    pages += 1;
    for (const entry of bundle.entry ?? []) seen.add(entry.resource.id);
    bundle = bundle.link.some((link) => link.relation === 'next') ? await client.nextPage({ bundle }) : undefined;
  }
  holds(seen.size === found.Patient.length, `${seen.size} of ${found.Patient.length}`);
  return `${seen.size} in ${pages} pages`;
});

await trying('references are resolved', async () => {
  const one = found.Observation.find((each) => each.derivedFrom);
  const resolved = await client.resolve({ reference: one.derivedFrom[0].reference });
  holds(resolved.resourceType === 'QuestionnaireResponse', resolved.resourceType);
  const absolute = await client.resolve({ reference: `${TASK.fhir}/${one.subject.reference}` });
  holds(named(absolute) === one.subject.reference, named(absolute));
  return 'relative and absolute';
});

let written;
await trying('create, and once only with If-None-Exist', async () => {
  const body = answersToWrite(found);
  const headers = { 'If-None-Exist': `identifier=${body.identifier.system}|${body.identifier.value}` };
  written = await client.create({ resourceType: 'QuestionnaireResponse', body, options: { headers } });
  const again = await client.create({ resourceType: 'QuestionnaireResponse', body, options: { headers } });
  holds(written.id === again.id, `${written.id} and ${again.id}`);
  const { response } = Client.httpFor(written);
  return `${response.status}, ${response.headers.get('location')?.replace(TASK.fhir, '')}`;
});

await trying('update with If-Match, and 412 with what it was before', async () => {
  const headers = { 'If-Match': `W/"${written.meta.versionId}"` };
  const body = { ...written, authored: new Date(Date.parse(written.authored) - 60000).toISOString() };
  const newer = await client.update({ resourceType: 'QuestionnaireResponse', id: written.id, body, options: { headers } });
  holds(newer.meta.versionId !== written.meta.versionId, 'the version is the same');
  const status = await client
    .update({ resourceType: 'QuestionnaireResponse', id: written.id, body, options: { headers } })
    .then(() => 200, (error) => error.response.status);
  holds(status === 412, `the second update answers ${status}`);
  const before = await client.vread({ resourceType: 'QuestionnaireResponse', id: written.id, version: written.meta.versionId });
  holds(before.authored === written.authored, 'the version before is another');
  return `version ${written.meta.versionId}, ${newer.meta.versionId}, then 412`;
});

await trying('transaction of two responses', async () => {
  const entry = [0, 1].map(() => ({
    resource: answersToWrite(found),
    request: { method: 'POST', url: 'QuestionnaireResponse' },
  }));
  const done = await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry } });
  holds(done.type === 'transaction-response' && done.entry.length === 2, JSON.stringify(done).slice(0, 200));
  holds(done.entry.every((one) => one.response.status.startsWith('201')), JSON.stringify(done.entry).slice(0, 200));
  return done.entry.map((one) => one.response.status).join(', ');
});
