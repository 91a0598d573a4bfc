// `prism proxy --errors=false` before a running Loket: it lets everything pass
// and says in a header of the answer what is not as the document says.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { require } from './tools.mjs';

// startProxy resolves once Prism listens; base is where the document's paths
// begin ("http://127.0.0.1:8080/api/capo"). The result has its address and stop.
export async function startProxy(document, base, folder) {
  const file = path.join(folder, 'document.json');
  await writeFile(file, JSON.stringify(document.forPrism()));
  const port = await freePort();
  const cli = require.resolve('@stoplight/prism-cli/dist/index.js');
  const prism = spawn(process.execPath, [cli, 'proxy', file, base, '--errors=false', '-h', '127.0.0.1', '-p', port, '-v', 'fatal'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  prism.stdout.on('data', (chunk) => (said += chunk));
  prism.stderr.on('data', (chunk) => (said += chunk));
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 300; tries++) {
    if (prism.exitCode !== null) {
      break;
    }
    if (await answers(address)) {
      return { address, stop: () => prism.kill(), said: () => said };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  prism.kill();
  throw new Error(`Prism does not start: ${said}`);
}

async function answers(address) {
  try {
    await fetch(address);
    return true;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
