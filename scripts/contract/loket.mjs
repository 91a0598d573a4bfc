// Commands of the program beside the Loket that runs, as its operator has them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const program = process.env.LOKET_BIN ?? new URL('../../bin/loket', import.meta.url).pathname;

// loket runs `bin/loket ...` on the data of this Loket and gives what it prints.
export async function loket(...words) {
  const { stdout } = await promisify(execFile)(program, words, { env: { ...process.env, LOKET_DATA: process.env.LOKET_DEMO_DATA } });
  return stdout;
}
