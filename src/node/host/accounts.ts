import { readFile } from "node:fs/promises";

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
export async function findAccount(text: string): Promise<Account> {
  const [user = "", group] = text.split(":", 2);
  const account = (await accounts()).find(({ name, uid }) => name === user || String(uid) === user);
  if (account === undefined) throw new Error(`the user "${user}" does not exist on this node (/etc/passwd)`);
  return group === undefined ? account : { ...account, gid: await findGroup(group) };
}

async function accounts(): Promise<Account[]> {
  return lines(await readFile("/etc/passwd", "utf8")).map(([name = "", , uid = "", gid = ""]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
  }));
}

async function findGroup(text: string): Promise<number> {
  const found = lines(await readFile("/etc/group", "utf8")).find(
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
