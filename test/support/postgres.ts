import { execFile, execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Postgres {
  readonly port: number;
  stop(): Promise<void>;
}

/** A server of Debian's package, which lets everybody in, at all addresses of this machine. */
export async function startPostgres(port: number): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "yurt-postgres-"));
  const data = join(folder, "data");
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })),
  );
  chmodSync(folder, 0o755);
  mkdirSync(data);
  chownSync(data, uid, gid);
  const as = (...words: readonly string[]) =>
    run("setpriv", [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", ...words], { cwd: data });
  await as("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync");
  const options = `-p ${port} -c listen_addresses=* -c unix_socket_directories=${data} -c fsync=off`;
  execFileSync("sh", ["-c", `echo 'host all all all trust' >> "$0/pg_hba.conf"`, data]);
  await as("pg_ctl", "-D", data, "-w", "-l", join(data, "log"), "-o", options, "start");
  let isRunning = true;
  return {
    port,
    stop: async () => {
      if (!isRunning) return;
      isRunning = false;
      await as("pg_ctl", "-D", data, "-m", "immediate", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
