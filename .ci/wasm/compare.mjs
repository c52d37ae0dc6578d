// Runs every scenario in WebAssembly and compares its digest with the one on record.
import { readFileSync } from "node:fs";

const [module, record] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(module), {});
const lines = readFileSync(record, "utf8").split("\n").filter((line) => /^[0-9a-f]{32} /.test(line));

const { count, digest } = instance.exports;
if (count() !== lines.length) {
  throw new Error(`the module has ${count()} scenarios, the record ${lines.length}`);
}
let failed = 0;
lines.forEach((line, scenario) => {
  const native = line.slice(0, 32);
  const words = [0, 1, 2, 3].map((word) => (digest(scenario, word) >>> 0).toString(16).padStart(8, "0"));
  const same = words.join("") === native;
  failed += same ? 0 : 1;
  console.log(`${same ? "same  " : "DIFFER"} ${words.join("")} ${line.replace(/^\S+\s+\d+ events\s+/, "")}`);
});
console.log(`${lines.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
