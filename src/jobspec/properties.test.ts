import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { canonicalize } from "#model/job/canonicalize.ts";
import type { Job } from "#model/job/job.ts";
import { job as jobSchema } from "#model/job/job.ts";
import { decode } from "#model/schema/decode.ts";
import { jobFiles, readJobFile, titleOf } from "../../test/jobspec/support/files.ts";
import { toJsonForm } from "../../test/jobspec/support/json-form.ts";
import { formatSource } from "./format/format.ts";
import type { JobFile } from "./parse-job.ts";
import { parseJobFile } from "./parse-job.ts";
import { toHcl } from "./print/to-hcl.ts";
import { tokenize } from "./syntax/lexer.ts";

const files = jobFiles("jobs").map((path) => ({ title: titleOf(path), file: readJobFile(path) }));
const nativeFiles = files.filter(({ file }) => file.filename.endsWith(".hcl"));

/** A new uuid every time is no property of the file. */
function jobOf(file: JobFile): Job {
  const { job, diagnostics } = parseJobFile(file);
  assert.ok(job !== null, JSON.stringify(diagnostics, null, 2));
  return canonicalize(job);
}

const withoutRandom = (file: JobFile) => !/bcrypt|uuidv4/.test(file.source);

describe("formatting", () => {
  const format = (text: string) => {
    const { text: formatted } = formatSource({ filename: "job.hcl", text });
    assert.ok(formatted !== null);
    return formatted;
  };

  it("is done once: formatting again changes nothing", () => {
    for (const { file, title } of nativeFiles) {
      const once = format(file.source);
      assert.equal(format(once), once, title);
    }
  });

  it("keeps what a file means", () => {
    for (const { file, title } of nativeFiles.filter(({ file }) => withoutRandom(file))) {
      const formatted = jobOf({ ...file, source: format(file.source) });
      assert.deepEqual(unspaced(formatted), unspaced(jobOf(file)), title);
    }
  });

  it("makes the same of a file however its spaces were set", () => {
    fc.assert(
      fc.property(fc.constantFrom(...nativeFiles), fc.infiniteStream(fc.nat(3)), ({ file }, numbers) => {
        assert.equal(format(respaced(file.source, numbers)), format(file.source));
      }),
      { numRuns: 200 },
    );
  });
});

/** What is interpolated at run time may be written with spaces, and formatting takes them away. */
function unspaced(job: Job): unknown {
  return JSON.parse(JSON.stringify(job).replaceAll(/\$\{\s*([^}\s]+)\s*\}/g, "${$1}"));
}

/** Other spaces between the words of each line. */
function respaced(text: string, numbers: Iterator<number, unknown>): string {
  let at = 0;
  let result = "";
  let before = "";
  for (const { kind, start, end } of tokenize(text)) {
    const gap = text.slice(at, start);
    const isFree = /^[ \t]*$/.test(gap) && !["quoted text", "template text", "close heredoc"].includes(kind);
    const least = gap === "" || before === "newline" ? 0 : 1;
    const isSpaceable = isFree && (gap !== "" || before === "newline") && kind !== "newline";
    result += isSpaceable ? " ".repeat(least + Number(numbers.next().value)) : gap;
    result += text.slice(start, end);
    at = end;
    before = kind;
  }
  return result + text.slice(at);
}

describe("a parsed job", () => {
  it("is read from its JSON as it is", () => {
    for (const { file, title } of files) {
      const { job } = parseJobFile(file);
      const { value, problems } = decode(jobSchema, JSON.parse(JSON.stringify(job)));
      assert.deepEqual(problems, [], title);
      assert.deepEqual(value, JSON.parse(JSON.stringify(job)), title);
    }
  });

  it("has one canonical form, which its JSON keeps", () => {
    for (const { file, title } of files) {
      const canonical = jobOf(file);
      assert.deepEqual(canonicalize(canonical), canonical, title);
      const { value, problems } = decode(jobSchema, JSON.parse(JSON.stringify(canonical)));
      assert.deepEqual(problems, [], title);
      assert.deepEqual(canonicalize(value), canonical, title);
    }
  });

  it("is the same from HCL's JSON form", () => {
    // In JSON the values of declarations are plain data.
    const plain = nativeFiles.filter(({ file }) => !/^variables? /m.test(file.source) && withoutRandom(file));
    assert.ok(plain.length > 100);
    for (const { file, title } of plain) {
      assert.deepEqual(jobOf({ ...file, source: toJsonForm(file.source) }), jobOf(file), title);
    }
  });

  it("is the same again when it is printed as HCL and read", () => {
    for (const { file, title } of files) {
      const job = jobOf(file);
      const source = toHcl(job);
      assert.deepEqual(
        unspaced(jobOf({ source, filename: "job.hcl" })),
        unspaced(job),
        `${title}:\n${source}`,
      );
    }
  });
});
