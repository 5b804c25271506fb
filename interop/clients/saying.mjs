// What the scripts of Node clients share: the task they are given, and a line for each thing they tried.
import { readFileSync, readdirSync } from 'node:fs';

export const TASK = JSON.parse(readFileSync(process.argv[2], 'utf8'));

export async function trying(check, what) {
  let ok = true;
  let told;
  try {
    told = await what();
  } catch (error) {
    ok = false;
    told = `${error?.name ?? 'Error'}: ${error?.message ?? JSON.stringify(error)}`.slice(0, 400);
  }
  console.log(JSON.stringify({ check, ok, told: String(told ?? '') }));
}

export function holds(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

export function crawled() {
  const found = {};
  for (const name of readdirSync(TASK.crawl).filter((file) => file.endsWith('.ndjson')).sort()) {
    const lines = readFileSync(`${TASK.crawl}/${name}`, 'utf8').split('\n').filter(Boolean);
    found[name.replace('.ndjson', '')] = lines.map((line) => JSON.parse(line));
  }
  holds(Object.keys(found).length, 'the crawl of fhirpy is what this compares with; run that first');
  return found;
}

export const named = (one) => `${one.resourceType}/${one.id}`;

export function tellFaults(faults, count) {
  const bad = Object.entries(faults);
  holds(bad.length === 0, `${bad.length} of ${count} have faults, as ${JSON.stringify(bad.slice(0, 3))}`);
  return `${count} resources`;
}

// A response to write: answers that are there already, as another day's, under a number of the writer's own.
export function answersToWrite(found) {
  const { id, meta, author, source, basedOn, ...rest } = found.QuestionnaireResponse.find((one) => one.item);
  const identifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${crypto.randomUUID()}` };
  return { ...rest, identifier, authored: new Date().toISOString() };
}
