import { readFileSync } from "node:fs";

/** A user of the host, as /etc/passwd names it. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whose users a task may run as: those of the host, or its own, of which the node knows nothing. Folders of the
 * latter are open inside, and closed around.
 */
export type UserSpace = "host" | "own";

export const root: Account = { name: "root", uid: 0, gid: 0 };

/**
 * Finds a user by name or number, with `:group` behind it for a group other than the user's own. Throws an
 * error in words when there is none.
 */
export function findAccount(text: string): Account {
  const [user = "", group] = text.split(":", 2);
  const account = accounts().find(({ name, uid }) => name === user || String(uid) === user);
  if (account === undefined) throw new Error(`the user "${user}" does not exist on this node (/etc/passwd)`);
  return group === undefined ? account : { ...account, gid: findGroup(group) };
}

function accounts(): Account[] {
  return lines(readFileSync("/etc/passwd", "utf8")).map(([name = "", , uid = "", gid = ""]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
  }));
}

function findGroup(text: string): number {
  const found = lines(readFileSync("/etc/group", "utf8")).find(
    ([name, , gid]) => name === text || gid === text,
  );
  if (found === undefined) throw new Error(`the group "${text}" does not exist on this node (/etc/group)`);
  return Number(found[2]);
}

function lines(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));
}
