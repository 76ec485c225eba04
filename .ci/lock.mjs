// A lock between processes: a file holding the owner's process id, created only if it is not there.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const retryMs = 100;

/** Runs `work` while no other process runs any under the same `file`; waits for its turn without end. */
export async function withLock(file, work) {
  let announced = false;
  while (!tryLock(file)) {
    const owner = readOwner(file);
    if (owner && !isAlive(owner)) breakLock(file, owner);
    else if (owner && !announced) {
      console.error(`millrace: waiting for process ${owner}, which is building`);
      announced = true;
    }
    await sleep(retryMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** The file appears with its content in one step (link), so nobody ever reads half a lock. */
function tryLock(file) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${process.pid}`);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readOwner(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Takes away the lock of a dead process; if another was quicker and this one is new, puts it back. */
function breakLock(file, deadOwner) {
  const aside = `${file}.dead.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readOwner(aside) !== deadOwner) linkSync(aside, file);
  rmSync(aside, { force: true });
}
