import { expect, test } from "vitest";
import { clock, duration, progress, Speed, same, size } from "../src/studio/words";

test("sizes and times are said as people say them", () => {
  expect([size(512), size(52_428_800), size(3e9)]).toEqual(["512 bytes", "52.4 MB", "3.0 GB"]);
  expect([duration(0.2), duration(61), duration(4000)]).toEqual(["1 s", "2 min", "1 h 7 min"]);
  expect(clock(125_400)).toBe("2:05");
  expect(progress(1e6, 2e6, 250_000)).toBe("1.0 MB of 2.0 MB · 250.0 KB/s · 4 s left");
  expect(progress(0, 2e6, 0)).toBe("0 bytes of 2.0 MB");
});

test("speed is that of the last seconds, and forgets a pause", () => {
  const speed = new Speed(1000);
  expect(speed.note(0, 0)).toBe(0);
  expect(speed.note(500, 500)).toBe(1000);
  expect(speed.note(2500, 1500)).toBe(2000);
  speed.reset();
  expect(speed.note(2500, 90_000)).toBe(0);
});

test("only the same file goes on", () => {
  const file = { name: "a.wav", size: 9, modified: "17" };
  expect(same(file, file)).toBe(true);
  expect(same(file, { ...file, modified: "" })).toBe(true);
  for (const other of [{ name: "b.wav" }, { size: 8 }, { modified: "18" }])
    expect(same(file, { ...file, ...other })).toBe(false);
});
