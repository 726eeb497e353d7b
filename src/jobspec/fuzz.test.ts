import { it } from "node:test";
import { textOf } from "../../test/jobspec/fuzz/cases.ts";
import { checkText } from "../../test/jobspec/fuzz/check.ts";

it("whatever is in a file, it is read, or refused at its place; make fuzz tries more", () => {
  for (let seed = 0; seed < 1500; seed++) {
    try {
      checkText(textOf(seed));
    } catch (error) {
      throw new Error(`node test/jobspec/fuzz/run.ts ${seed} shows it`, { cause: error });
    }
  }
});
