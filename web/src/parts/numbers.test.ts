import { expect, it } from "vitest";
import { inWords, middleCut, ordinal, percent, probability } from "./numbers";

it("EPSS is never 0 and never 100", () => {
  expect(probability("0.99999")).toBe("above\u00a099.9\u202f%");
  expect(probability("0.00000")).toBe("below\u00a00.1\u202f%");
  expect(probability("0.01300")).toBe("1.3\u202f%");
  expect(probability("0.82700")).toBe("82.7\u202f%");
});
it("a share of nothing is no figure", () => expect(percent(0, 0)).toBe("–"));
it("a small share is not rounded to nothing, a large one not to all", () => {
  expect(percent(1, 100_000)).toBe("0.1\u202f%");
  expect(percent(99_999, 100_000)).toBe("99.9\u202f%");
  expect(percent(1_204, 14_870)).toBe("8.1\u202f%");
});
it("ordinals end as they are spoken", () => {
  expect(["0.01", "0.02", "0.03", "0.11", "0.12", "0.68", "0.93"].map(ordinal).join(" ")).toBe("1st 2nd 3rd 11th 12th 68th 93rd");
});
it("small counts are words", () => expect(`${inWords(4)} ${inWords(1204)}`).toBe("four 1,204"));
it("an id is cut in its middle", () => expect(middleCut("0123456789abcdef", 9)).toBe("0123…cdef"));
