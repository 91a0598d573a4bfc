// Makes the TypeScript clients of the served documents: typescript.mjs WORK API...
//
// Of WORK/documents/<api>.json it makes
//   WORK/ts/<api>/schema.d.ts  types for openapi-fetch (openapi-typescript);
//   WORK/ts/<api>/hey/         a client (hey-api).
import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

import { createClient } from "@hey-api/openapi-ts";
import openapiTypescript, { astToString } from "openapi-typescript";

const [, , work, ...apis] = process.argv;

for (const api of apis) {
  const document = `${work}/documents/${api}.json`;
  await writeFile(`${work}/ts/${api}/schema.d.ts`, astToString(await openapiTypescript(pathToFileURL(document))));
  await createClient({
    input: document,
    output: { path: `${work}/ts/${api}/hey`, module: { extension: ".js" } },
    plugins: ["@hey-api/client-fetch"],
    logs: { level: "silent" },
  });
}
