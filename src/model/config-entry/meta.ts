import { stringMap } from "../schema/builders.ts";

/** Of every kind; its bounds are checked where entries are read. */
export const meta = stringMap("Facts for people and programs: at most 64.");
