import { dlopen, getInt32 } from "node:ffi";
import { getSystemErrorMessage, getSystemErrorName } from "node:util";

/**
 * What Node.js has no function for. Its FFI is experimental: the version of Node.js is pinned, and what
 * uses it is in this folder alone.
 */
const { functions } = dlopen(null, {
  __errno_location: { return: "pointer", arguments: [] },
  mkfifo: { return: "int32", arguments: ["string", "uint32"] },
  mount: { return: "int32", arguments: ["string", "string", "string", "uint64", "string"] },
  umount2: { return: "int32", arguments: ["string", "int32"] },
  pipe2: { return: "int32", arguments: ["pointer", "int32"] },
  recv: { return: "int64", arguments: ["int32", "pointer", "uint64", "int32"] },
  send: { return: "int64", arguments: ["int32", "pointer", "uint64", "int32"] },
  setns: { return: "int32", arguments: ["int32", "int32"] },
  socket: { return: "int32", arguments: ["int32", "int32", "int32"] },
  waitpid: { return: "int32", arguments: ["int32", "pointer", "int32"] },
  posix_spawnp: {
    return: "int32",
    arguments: ["pointer", "string", "pointer", "pointer", "pointer", "pointer"],
  },
  posix_spawn_file_actions_init: { return: "int32", arguments: ["pointer"] },
  posix_spawn_file_actions_adddup2: { return: "int32", arguments: ["pointer", "int32", "int32"] },
  posix_spawn_file_actions_addchdir_np: { return: "int32", arguments: ["pointer", "string"] },
  posix_spawn_file_actions_destroy: { return: "int32", arguments: ["pointer"] },
  posix_spawnattr_init: { return: "int32", arguments: ["pointer"] },
  posix_spawnattr_setflags: { return: "int32", arguments: ["pointer", "int16"] },
  posix_spawnattr_setsigdefault: { return: "int32", arguments: ["pointer", "pointer"] },
  posix_spawnattr_setsigmask: { return: "int32", arguments: ["pointer", "pointer"] },
  posix_spawnattr_destroy: { return: "int32", arguments: ["pointer"] },
});

export const libc = functions;

/** Carries on when a call gave no -1. `what` goes into the message of the error that is thrown otherwise. */
export function checked(result: number | bigint, what: string): number {
  const number = Number(result);
  if (number === -1) throw new SystemError(what, getInt32(functions.__errno_location()));
  return number;
}

/** As Node.js's own functions throw it, with a code such as `ENOENT`. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  readonly code: string;

  constructor(what: string, errno: number) {
    const code = getSystemErrorName(-errno);
    super(`${code}: ${getSystemErrorMessage(-errno)}, ${what}`);
    this.code = code;
  }
}
