// fhir (FHIR.js of Lantana): elements, cardinality and the codes of the value sets it carries.
import { Fhir } from 'fhir';
import { crawled, holds, named, tellFaults, trying } from './saying.mjs';

const fhir = new Fhir();
const faults = (one) =>
  fhir
    .validate(one, { errorOnUnexpected: true })
    .messages.filter((told) => !['info', 'information'].includes(told.severity))
    .map((told) => `${told.location}: ${told.message}`);

await trying('planted faults are found', async () => {
  const score = { resourceType: 'Observation', status: 'final', code: { text: 'c' } };
  holds(faults(score).length === 0, JSON.stringify(faults(score)));
  holds(faults({ ...score, status: 'done' }).length, 'a status that is none');
  holds(faults({ ...score, couple: 'c' }).length, 'an element there is none of');
});

await trying('every resource validates', async () => {
  const everything = Object.values(crawled()).flat();
  const bad = Object.fromEntries(everything.map((one) => [named(one), faults(one)]).filter(([, told]) => told.length));
  return tellFaults(bad, everything.length);
});
