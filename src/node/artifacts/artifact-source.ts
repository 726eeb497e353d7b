/** Where an artifact comes from, in go-getter's notation. */
export interface ArtifactSource {
  readonly kind: "http" | "file" | "git";
  /** Without the parameters that say how it is fetched. */
  readonly url: string;
  /** The part of a folder or archive that is wanted; empty for all of it. */
  readonly subfolder: string;
  /** `type:hex`; null when nothing is checked. */
  readonly checksum: string | null;
  /** `tar.gz` and the like; null to go by the name, false for a file that stays as it is. */
  readonly archive: string | false | null;
  /** The name that a single file gets; null for its own. */
  readonly filename: string | null;
  /** Of git: branch, tag or commit; null for the default branch. */
  readonly ref: string | null;
  /** Of git: how many commits; null for the newest alone. */
  readonly depth: number | null;
}

const OUR_PARAMETERS = ["checksum", "archive", "filename", "ref", "depth"];

/** Throws an error in words for what cannot be fetched here. */
export function readSource(text: string, options: Readonly<Record<string, string>>): ArtifactSource {
  const { kind, address } = kindOf(text);
  const [location = "", search = ""] = address.split(/\?(.*)/s);
  const parameters = new URLSearchParams(search);
  for (const [name, value] of Object.entries(options)) parameters.set(name, value);
  const read = (name: string) => parameters.get(name);
  const { place, subfolder } = splitSubfolder(location);
  const own = Object.fromEntries(OUR_PARAMETERS.map((name) => [name, read(name)]));
  for (const name of OUR_PARAMETERS) parameters.delete(name);
  const rest = parameters.toString();
  return {
    kind,
    url: rest === "" ? place : `${place}?${rest}`,
    subfolder,
    checksum: own["checksum"] ?? null,
    archive: own["archive"] === "false" ? false : (own["archive"] ?? null),
    filename: own["filename"] ?? null,
    ref: own["ref"] ?? null,
    depth: own["depth"] === null || own["depth"] === undefined ? null : Number(own["depth"]) || null,
  };
}

function kindOf(text: string): { kind: ArtifactSource["kind"]; address: string } {
  const [, forced = "", address = text] = /^(\w+)::(.*)$/s.exec(text) ?? [];
  if (forced === "git") return { kind: "git", address };
  if (forced === "http" || forced === "https" || forced === "file")
    return { kind: forced === "file" ? "file" : "http", address };
  if (forced !== "")
    throw new Error(`sources of "${forced}::" cannot be fetched here: use http, https, git or file`);
  if (/^https?:\/\//.test(address))
    return { kind: /\.git(\/\/|\?|$)/.test(address) ? "git" : "http", address };
  if (address.startsWith("file://")) return { kind: "file", address: address.slice("file://".length) };
  if (address.startsWith("/")) return { kind: "file", address };
  if (/^(github\.com|gitlab\.com|bitbucket\.org)\//.test(address))
    return {
      kind: "git",
      address: `https://${address.replace(/^([^/]+\/[^/]+\/[^/?]+?)(\.git)?(?=\/|\?|$)/, "$1.git")}`,
    };
  if (/^(ssh:\/\/)?git@/.test(address)) return { kind: "git", address };
  throw new Error(
    `"${text}" is no source that can be fetched here: give an http, https or file address, or one of git`,
  );
}

/** A double slash behind the host parts the place from the folder that is wanted in it. */
function splitSubfolder(location: string): { place: string; subfolder: string } {
  const start = location.indexOf("://") + (location.includes("://") ? 3 : 0);
  const at = location.indexOf("//", start);
  return at < 0
    ? { place: location, subfolder: "" }
    : { place: location.slice(0, at), subfolder: location.slice(at + 2) };
}
