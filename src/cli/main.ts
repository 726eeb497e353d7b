import type { Command } from "./command.ts";
import { main } from "./dispatch.ts";

/** A command's file is loaded when it is called, and no other. */
const load = async (file: string) =>
  ((await import(`./commands/${file}.ts`)) as { default: Command }).default;

process.exitCode = await main(process.argv.slice(2), load);
